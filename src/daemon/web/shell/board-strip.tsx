import type { BoardStatus, Job } from '../../lab.ts';
import { StopButton } from '../board/job-buttons.tsx';
import { StateMark } from '../board/state-mark.tsx';
import { isUnderWay } from '../job-states.ts';
import { useSafe } from './header.tsx';
import { usePage } from './page-context.ts';
import { addressOf } from './place.ts';

/** Every board with its state, its run, Stop and SAFE: wherever the page is. */
export function BoardStrip({ shown }: { readonly shown: string | null }) {
  const { lab } = usePage();
  const jobs = lab.jobs.value;
  return (
    <ul class="strip" aria-label="Boards">
      {lab.boards.value.map((board) => (
        <BoardItem
          key={board.name}
          board={board}
          job={jobs.find((job) => job.board === board.name && isUnderWay(job))}
          isShown={board.name === shown}
        />
      ))}
    </ul>
  );
}

interface ItemParts {
  readonly board: BoardStatus;
  readonly job: Job | undefined;
  readonly isShown: boolean;
}

function BoardItem({ board: { name, state }, job, isShown }: ItemParts) {
  const safe = useSafe();
  return (
    <li class={isShown ? 'shown' : undefined}>
      <a href={addressOf('boards', name)} aria-current={isShown ? 'true' : undefined}>
        {name}
      </a>
      <StateMark state={state} />
      {job?.progress != null && (
        <span class="step">
          {job.progress.step}/{job.experiment.method.steps}
        </span>
      )}
      {job !== undefined && <StopButton job={job} isShort />}
      <button type="button" class="safe" aria-label={`SAFE ${name}`} onClick={() => void safe(name)}>
        SAFE
      </button>
    </li>
  );
}
