import { routes } from '../../daemon/routes/index.ts';
import type { Holder } from './board-holder.ts';

/** What a daemon did to bring a board to rest. */
export interface RestByDaemon {
  readonly address: string;
  readonly boardId: string | null;
  readonly wasArmed: 'yes' | 'no';
  /** The daemon does not tell it. */
  readonly boardTimeUs: null;
  readonly daemon: string;
  readonly board: string;
  /** The job that rests now, and can be gone on with. */
  readonly pausedJob: string | null;
}

/** Who waits for outputs to come to rest does not wait for a daemon that hangs. */
const PATIENCE_MS = 5_000;

/** Rejects as the daemon refuses, and with `daemon-unavailable` where it does not answer in time. */
export async function restByDaemon({ daemon, board }: Holder): Promise<RestByDaemon> {
  const { name } = board;
  const asked = daemon.within(PATIENCE_MS);
  const { wasArmed } = await asked.ask(routes.makeSafe, { params: { board: name } });
  const { address, identity, job } = await asked
    .ask(routes.oneBoard, { params: { board: name } })
    .catch(() => board);
  return {
    address,
    boardId: identity?.boardId ?? null,
    wasArmed: wasArmed ? 'yes' : 'no',
    boardTimeUs: null,
    daemon: daemon.url,
    board: name,
    pausedJob: job,
  };
}

export function restInWords({ daemon, board, address, wasArmed, pausedJob }: RestByDaemon): string {
  const found = wasArmed === 'yes' ? 'was armed' : 'was not armed';
  const job =
    pausedJob === null
      ? ''
      : ` Job ${pausedJob} is paused; it goes on with: fnloop queue resume ${pausedJob}`;
  return `Board ${board} at ${address} ${found}. The daemon at ${daemon}, which holds it, has had it confirm: outputs at rest, disarmed.${job}`;
}
