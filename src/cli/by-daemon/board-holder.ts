import { FnloopError } from '../../core/errors.ts';
import { daemonAddress } from '../../daemon/client/address.ts';
import { DaemonClient } from '../../daemon/client/client.ts';
import { runningDaemon } from '../../daemon/daemon-file.ts';
import type { BoardStatus } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import { type BoardAddress, parseAddress } from '../../transport/address.ts';
import { isMeantAlikeElsewhere, isOwnHost, isSamePlace } from '../../transport/same-place.ts';
import type { App } from '../app.ts';

/** A daemon that looks after a board. */
export interface Holder {
  /** Goes on asking after a signal: what was begun has to be ended. */
  readonly daemon: DaemonClient;
  readonly board: BoardStatus;
  /** It records in the same folder of runs as this command. */
  readonly recordsHere: boolean;
}

interface Candidate {
  readonly url: string;
  readonly recordsHere: boolean;
  readonly patienceMs: number;
}

/** One that is known to run may be busy. */
const RUNNING_MS = 3_000;
/** Of whatever may be at an address. */
const UNKNOWN_MS = 1_500;

/**
 * The daemon that looks after the board at an address, that of the folder of runs first: it has the port, or is about to take it,
 * unless the board is quarantined. Undefined where there is none, and for a mock of this process. Rejects with `config-invalid`
 * for a FNLOOP_DAEMON that is no address, and with `interrupted`.
 */
export async function holderOf(app: App, address: string, runs: string): Promise<Holder | undefined> {
  const place = parseAddress(address);
  if (place.scheme !== 'serial' && place.scheme !== 'tcp') return undefined;
  for await (const holder of holders(app, runs)) if (isAt(holder, place)) return holder;
  return undefined;
}

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

const isAt = ({ daemon, board }: Holder, place: BoardAddress): boolean =>
  (isOwnHost(new URL(daemon.url).hostname) || isMeantAlikeElsewhere(place)) &&
  isSamePlace(parseAddress(board.address), place);
