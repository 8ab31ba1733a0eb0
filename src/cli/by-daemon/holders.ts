import { FnloopError } from '../../core/errors.ts';
import { daemonAddress } from '../../daemon/client/address.ts';
import { DaemonClient } from '../../daemon/client/client.ts';
import { runningDaemon } from '../../daemon/daemon-file.ts';
import type { BoardStatus } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { App } from '../app.ts';
import type { Holder } from './board-holder.ts';

interface Candidate {
  readonly url: string;
  readonly recordsHere: boolean;
  readonly patienceMs: number;
}

/** One that is known to run may be busy. */
const RUNNING_MS = 3_000;
/** Of whatever may be at an address. */
const UNKNOWN_MS = 1_500;

/** Boards that daemons look after, those of the folder of runs first. A daemon is asked when it is its turn. */
export async function* holders(app: App, runs: string): AsyncGenerator<Holder> {
  const { token, url } = daemonAddress({}, process.env);
  for (const candidate of candidates(runs, url)) {
    const daemon = new DaemonClient({ url: candidate.url, token }, new AbortController().signal);
    const { recordsHere } = candidate;
    for (const board of await boardsOf(app, candidate, token))
      if (board.state !== 'quarantined') yield { daemon, board, recordsHere };
  }
}

function candidates(runs: string, url: string): readonly Candidate[] {
  const known = runningDaemon(runs)?.address ?? undefined;
  return [
    ...(known === undefined ? [] : [{ url: known, recordsHere: true, patienceMs: RUNNING_MS }]),
    ...(known === url ? [] : [{ url, recordsHere: false, patienceMs: UNKNOWN_MS }]),
  ];
}

/** Empty where nobody answers, or nobody who says it to us. */
async function boardsOf(
  app: App,
  { url, patienceMs, recordsHere }: Candidate,
  token: string | undefined,
): Promise<readonly BoardStatus[]> {
  try {
    const asked = new DaemonClient({ url, token }, app.signal).within(patienceMs);
    const boards = await asked.ask(routes.listBoards);
    app.askedDaemons.set(url, 'told');
    return boards;
  } catch (error) {
    if (!(error instanceof FnloopError) || error.code === 'interrupted') throw error;
    if (error.code === 'token-needed') app.askedDaemons.set(url, 'closed');
    else if (recordsHere)
      app.output(false).note(`The daemon at ${url}, which has this folder of runs, does not answer.`);
    return [];
  }
}
