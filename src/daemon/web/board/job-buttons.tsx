import { useState } from 'preact/hooks';
import type { Job } from '../../lab.ts';
import { routes } from '../../routes/index.ts';
import { isOpen } from '../job-states.ts';
import { usePage } from '../shell/page-context.ts';

interface JobParts {
  readonly job: Job;
}

/** A second press means it: what was stopped is not gone on with. */
export function StopButton({ job, isShort = false }: JobParts & { readonly isShort?: boolean }) {
  const { act } = usePage();
  const [isSure, setSure] = useState(false);
  const text = isSure ? 'Really stop?' : isShort ? 'Stop' : 'Stop run';
  return (
    <button
      type="button"
      class={isSure ? 'stop sure' : 'stop'}
      aria-label={`${text} ${job.id} on ${job.board}`}
      onBlur={() => setSure(false)}
      onClick={() => {
        if (isSure)
          void act(`Stop ${job.id}`, `${job.id} ends after the batch in flight`, (client) =>
            client.ask(routes.stopJob, { params: { job: job.id } }),
          );
        setSure(!isSure);
      }}
    >
      {text}
    </button>
  );
}

/** What may be done with a job in its state. */
export function JobButtons({ job }: JobParts) {
  const { act } = usePage();
  const params = { job: job.id };
  return (
    <span class="buttons">
      {job.state === 'running' && (
        <button
          type="button"
          onClick={() =>
            void act(`Pause ${job.id}`, `${job.id} pauses after the batch in flight`, (client) =>
              client.ask(routes.pauseJob, { params }),
            )
          }
        >
          Pause
        </button>
      )}
      {(job.state === 'paused' || job.state === 'interrupted') && (
        <button
          type="button"
          onClick={() =>
            void act(`Go on with ${job.id}`, `${job.id} goes on`, (client) =>
              client.ask(routes.resumeJob, { params }),
            )
          }
        >
          Go on
        </button>
      )}
      {isOpen(job) && <StopButton job={job} />}
    </span>
  );
}
