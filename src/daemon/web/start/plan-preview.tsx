import type * as z from 'zod';
import { costRows, planRows, stressHeads, stressRow } from '../../../training/plan-rows.ts';
import type { routes } from '../../routes/index.ts';
import { Listing } from '../shell/listing.tsx';
import { ProblemList } from '../shell/problem-list.tsx';
import { TextTable } from '../shell/scroll-table.tsx';

/** What an epoch would send and cost, and how near it comes to each limit. Nothing was sent. */
export function PlanPreview({ plan }: { readonly plan: z.output<typeof routes.planExperiment.answer> }) {
  return (
    <section class="card wide" aria-labelledby="plan-heading">
      <h2 id="plan-heading">Plan</h2>
      {plan.problems.length === 0 && <p>It would be accepted. Nothing has been sent.</p>}
      <ProblemList problems={plan.problems} />
      <Listing rows={[['board', `${plan.source} ${plan.boardId}`], ...planRows(plan)]} />
      <TextTable labelledBy="plan-heading" heads={['', 'bring-up', 'epoch']} rows={costRows(plan)} />
      <TextTable labelledBy="plan-heading" heads={stressHeads} rows={plan.stress.map(stressRow)} />
    </section>
  );
}
