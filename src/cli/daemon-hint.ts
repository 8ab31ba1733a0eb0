import { FnloopError } from '../core/errors.ts';
import { runningDaemon } from '../daemon/daemon-file.ts';
import { parseAddress } from '../transport/address.ts';

/** An error about a port that fnloop's own daemon holds says so; any other stays as it is. */
export function withHolder(error: unknown, runs: string): unknown {
  if (!(error instanceof FnloopError) || error.code !== 'port-busy') return error;
  const daemon = runningDaemon(runs);
  const isHeld = daemon?.boards.some((text) => {
    const address = parseAddress(text);
    return address.scheme === 'serial' && error.message.includes(address.path);
  });
  if (daemon === undefined || isHeld !== true) return error;
  const where = daemon.address === null ? '' : ` at ${daemon.address}`;
  return new FnloopError(
    'port-busy',
    `${error.message} It is fnloop's daemon, process ${daemon.pid}${where}, which looks after the board.`,
    { problems: error.problems, cause: error },
  );
}
