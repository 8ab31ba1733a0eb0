import type { Job } from '../../lab.ts';
import { routes } from '../../routes/index.ts';
import { isOpen } from '../job-states.ts';
import { ReportButton } from '../recorded/report-button.tsx';
import { AskButton } from '../shell/ask-button.tsx';
import { CardHeading } from '../shell/card-heading.tsx';
import { usePage } from '../shell/page-context.ts';
import { ScrollTable } from '../shell/scroll-table.tsx';
import { JobButtons } from './job-buttons.tsx';
import { StateMark } from './state-mark.tsx';

const ENDED_SHOWN = 5;

/** What waits for a board, in its order, and what ended last. */
export function Queue({ jobs }: { readonly jobs: readonly Job[] }) {
  const open = jobs.filter(isOpen);
  const ended = jobs.filter((job) => !isOpen(job)).slice(-ENDED_SHOWN);
  return (
    <section class="card wide" aria-labelledby="queue-heading">
      <CardHeading id="queue-heading">Jobs</CardHeading>
      {jobs.length === 0 ? (
        <p class="empty">Nobody has asked for a run yet.</p>
      ) : (
        <ScrollTable
          labelledBy="queue-heading"
          heads={['job', 'experiment', 'state', 'asked by', 'why', 'do']}
        >
          {[...open, ...ended].map((job) => (
            <JobRow key={job.id} job={job} waiting={open.filter(({ state }) => state === 'queued')} />
          ))}
        </ScrollTable>
      )}
    </section>
  );
}

interface RowParts {
  readonly job: Job;
  readonly waiting: readonly Job[];
}

function JobRow({ job, waiting }: RowParts) {
  const { task, policy, seed, method } = job.experiment;
  return (
    <tr>
      <th scope="row">{job.id}</th>
      <td>{`${task.name}, ${policy.name}, seed ${seed}, ${method.steps} steps`}</td>
      <td>
        <StateMark state={job.state} />
      </td>
      <td>{job.askedBy}</td>
      <td class="reason">{job.reason ?? ''}</td>
      <td>
        <JobButtons job={job} />
        <SoonerButton job={job} waiting={waiting} />
        {job.state === 'finished' && job.runId !== null && <ReportButton run={job.runId} />}
      </td>
    </tr>
  );
}

/** Before the one that waits before it. */
function SoonerButton({ job, waiting }: RowParts) {
  const { act, lab } = usePage();
  const before = waiting[waiting.findIndex(({ id }) => id === job.id) - 1];
  if (before === undefined) return null;
  return (
    <AskButton
      aria-label={`${job.id} sooner`}
      onClick={() =>
        void act(`${job.id} sooner`, `${job.id} is before ${before.id}`, async (client) => {
          await client.ask(routes.orderJob, { params: { job: job.id }, body: { before: before.id } });
          await lab.reload();
        })
      }
    >
      ↑
    </AskButton>
  );
}
