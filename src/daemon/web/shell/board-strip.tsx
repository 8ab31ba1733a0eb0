import type { BoardStatus, Job } from '../../lab.ts';
import { StopButton } from '../board/job-buttons.tsx';
import { StateMark } from '../board/state-mark.tsx';
import { isUnderWay } from '../job-states.ts';
import { usePage } from './page-context.ts';
import { addressOf } from './place.ts';
import { SafeButton } from './safe-button.tsx';

/** Every board with SAFE, its state, its run and Stop: wherever the page is, each in a place and of a size that never change. */
export function BoardStrip({ shown }: { readonly shown: string | null }) {
  const { lab } = usePage();
  const boards = lab.boards.value;
  const jobs = lab.jobs.value;
  return (
    <ul class="strip" aria-label="Boards">
      {lab.places.value.map((name) => (
        <BoardItem
          key={name}
          name={name}
          board={boards.find((board) => board.name === name)}
          job={jobs.find((job) => job.board === name && isUnderWay(job))}
          isShown={name === shown}
        />
      ))}
    </ul>
  );
}

interface ItemParts {
  readonly name: string;
  /** Undefined for one that the daemon has no longer. */
  readonly board: BoardStatus | undefined;
  readonly job: Job | undefined;
  readonly isShown: boolean;
}

function BoardItem({ name, board, job, isShown }: ItemParts) {
  const { safe } = usePage();
  return (
    <li class={isShown ? 'shown' : undefined}>
      <SafeButton
        name={name}
        text="SAFE"
        isOpen={safe.open.value.some((press) => press.name === name)}
        onPress={() => safe.press(name)}
      />
      <div class="about">
        <a href={addressOf('boards', name)} aria-current={isShown ? 'true' : undefined} title={name}>
          {name}
        </a>
        <span class="now" title={job?.reason ?? board?.reason ?? undefined}>
          {board === undefined ? (
            'no longer there'
          ) : (
            // A board in the middle of a run that rests says of itself that it is running.
            <StateMark
              state={board.state === 'running' && job?.state === 'paused' ? 'paused' : board.state}
            />
          )}
          {job?.progress != null && (
            <span class="step">
              {' '}
              {job.progress.step}/{job.experiment.method.steps}
            </span>
          )}
        </span>
      </div>
      {job !== undefined && <StopButton job={job} isShort />}
    </li>
  );
}
