import { usePage } from '../shell/page-context.ts';
import { addressOf } from '../shell/place.ts';
import { ArrayMap } from './array-map.tsx';
import { BoardCard } from './board-card.tsx';
import { LinkHealth } from './link-health.tsx';
import { LiveRun } from './live-run.tsx';
import { Queue } from './queue.tsx';

/** One board: its run, its array, its link, what waits for it; the first one where none is named. */
export function Boards({ name }: { readonly name: string | null }) {
  const { lab } = usePage();
  const boards = lab.boards.value;
  const board = name === null ? boards[0] : boards.find((each) => each.name === name);
  if (board === undefined) return <p class="empty">{nothing(name, lab.connection.value)}</p>;
  const jobs = lab.jobs.value.filter((job) => job.board === board.name);
  return (
    <div class="cards" key={board.name}>
      <h2 class="board-name">
        Board {board.name} <a href={addressOf('start', board.name)}>Start a run on it</a>
      </h2>
      {board.identity?.source === 'mock' && (
        <p class="banner" role="note">
          Mock data: these numbers come from a simulated board, not from a chip.
        </p>
      )}
      <LiveRun board={board} jobs={jobs} />
      <ArrayMap board={board} />
      <LinkHealth link={board.link} />
      <BoardCard board={board} />
      <Queue jobs={jobs} />
    </div>
  );
}

function nothing(name: string | null, connection: string): string {
  if (connection !== 'live') return 'Waiting for the daemon.';
  return name === null ? 'The daemon looks after no boards.' : `The daemon has no board ${name}.`;
}
