import { type ErrorCode, FnloopError } from '../core/errors.ts';
import { runningDaemon } from '../daemon/daemon-file.ts';
import { parseAddress } from '../transport/address.ts';
import type { App } from './app.ts';

/** How a port that somebody else has looks: a board behind TCP may let a second client in, and not answer it. */
const HELD: readonly ErrorCode[] = ['port-busy', 'port-refused', 'no-reply'];

/** An error about a port that a daemon of ours may hold says so, where that was not to be asked; any other stays as it is. */
export function withHolder(error: unknown, runs: string, { askedDaemons }: App): unknown {
  if (!(error instanceof FnloopError) || !HELD.includes(error.code)) return error;
  const closed = [...askedDaemons].find(([, answer]) => answer === 'closed');
  const sentence =
    closed === undefined
      ? holderSentence(error, runs, askedDaemons)
      : `The daemon at ${closed[0]} may have it, and tells nobody without a token: put one into FNLOOP_TOKEN.`;
  if (sentence === undefined) return error;
  return new FnloopError(error.code, `${error.message} ${sentence}`, {
    problems: error.problems,
    cause: error,
  });
}

function holderSentence(
  { code, message }: FnloopError,
  runs: string,
  askedDaemons: App['askedDaemons'],
): string | undefined {
  const daemon = code === 'port-busy' ? runningDaemon(runs) : undefined;
  if (daemon === undefined) return undefined;
  // One that answered does not have it, or this command would not have opened it.
  if (daemon.address !== null && askedDaemons.get(daemon.address) === 'told') return undefined;
  const isHeld = daemon.boards.some((text) => {
    const address = parseAddress(text);
    return address.scheme === 'serial' && message.includes(address.path);
  });
  const where = daemon.address === null ? '' : ` at ${daemon.address}`;
  return isHeld
    ? `It is fnloop's daemon, process ${daemon.pid}${where}, which looks after the board.`
    : undefined;
}
