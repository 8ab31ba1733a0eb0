import { useEffect, useState } from 'preact/hooks';
import type { Job } from '../../lab.ts';
import { routes } from '../../routes/index.ts';
import { isOpen } from '../job-states.ts';
import { AskButton } from '../shell/ask-button.tsx';
import { useIsPresent, usePage } from '../shell/page-context.ts';

interface JobParts {
  readonly job: Job;
}

/** A second press means it: what was stopped is not gone on with. It is as wide as the longer of its texts, so that nothing moves. */
export function StopButton({ job, isShort = false }: JobParts & { readonly isShort?: boolean }) {
  const { act } = usePage();
  const isPresent = useIsPresent();
  const [isSure, setSure] = useState(false);
  // Who pressed it before the daemon was away has to mean it anew.
  useEffect(() => {
    if (!isPresent) setSure(false);
  }, [isPresent]);
  const first = isShort ? 'Stop' : 'Stop run';
  const text = isSure ? SURE : first;
  return (
    <AskButton
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
      {[first, SURE].map((each) => (
        <span key={each} class={each === text ? undefined : 'unseen'}>
          {each}
        </span>
      ))}
    </AskButton>
  );
}

const SURE = 'Really stop?';

/** What may be done with a job in its state. */
export function JobButtons({ job }: JobParts) {
  const { act } = usePage();
  const params = { job: job.id };
  return (
    <span class="buttons">
      {job.state === 'running' && (
        <AskButton
          onClick={() =>
            void act(`Pause ${job.id}`, `${job.id} pauses after the batch in flight`, (client) =>
              client.ask(routes.pauseJob, { params }),
            )
          }
        >
          Pause
        </AskButton>
      )}
      {(job.state === 'paused' || job.state === 'interrupted') && (
        <AskButton
          onClick={() =>
            void act(`Go on with ${job.id}`, `${job.id} goes on`, (client) =>
              client.ask(routes.resumeJob, { params }),
            )
          }
        >
          Go on
        </AskButton>
      )}
      {isOpen(job) && <StopButton job={job} />}
    </span>
  );
}
