import { useState } from 'preact/hooks';
import type * as z from 'zod';
import { FnloopError, messageOf } from '../../../core/errors.ts';
import { routes } from '../../routes/index.ts';
import { usePage } from '../shell/page-context.ts';
import { addressOf } from '../shell/place.ts';
import { ProblemList } from '../shell/problem-list.tsx';
import { PlanPreview } from './plan-preview.tsx';
import { type RequestMaker, StartForm } from './start-form.tsx';
import { useOffer } from './use-offer.ts';

type Plan = z.output<typeof routes.planExperiment.answer>;

/** A run is chosen, its plan looked at, and asked for. */
export function Start({ board }: { readonly board: string | null }) {
  const page = usePage();
  const offer = useOffer();
  const [plan, setPlan] = useState<Plan | null>(null);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const attempt = async (work: () => Promise<void>) => {
    setProblems([]);
    await work().catch((error: unknown) =>
      setProblems([messageOf(error), ...(error instanceof FnloopError ? error.problems : [])]),
    );
  };
  const preview = (request: RequestMaker) =>
    attempt(async () => {
      setPlan(null);
      setPlan(await page.client.ask(routes.planExperiment, { body: request() }));
    });
  const start = (request: RequestMaker) =>
    attempt(async () => {
      const job = await page.client.ask(routes.submitJob, { body: request() });
      page.notices.done(`${job.id} is asked for on ${job.board}`);
      location.hash = addressOf('boards', job.board);
    });
  return (
    <div class="cards">
      <section class="card wide" aria-labelledby="start-heading">
        <h2 id="start-heading">Start a run</h2>
        {offer === undefined ? (
          <p class="empty">Waiting for the daemon.</p>
        ) : (
          <StartForm
            offer={offer}
            boards={page.lab.boards.value.map(({ name }) => name)}
            board={board}
            onPreview={preview}
            onStart={start}
          />
        )}
        <ProblemList problems={problems} />
      </section>
      {plan !== null && <PlanPreview plan={plan} />}
    </div>
  );
}
