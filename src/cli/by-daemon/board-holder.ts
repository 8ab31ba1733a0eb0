import type { DaemonClient } from '../../daemon/client/client.ts';
import type { BoardStatus } from '../../daemon/lab.ts';
import { type BoardAddress, parseAddress } from '../../transport/address.ts';
import { isMeantAlikeElsewhere, isOwnHost, isSamePlace } from '../../transport/same-place.ts';
import type { App } from '../app.ts';
import { mayHaveDaemon } from './presence.ts';

/** A daemon that looks after a board. */
export interface Holder {
  /** Goes on asking after a signal: what was begun has to be ended. */
  readonly daemon: DaemonClient;
  readonly board: BoardStatus;
  /** It records in the same folder of runs as this command. */
  readonly recordsHere: boolean;
}

/**
 * The daemon that looks after the board at an address, that of the folder of runs first: it has the port, or is about to take it,
 * unless the board is quarantined. Undefined where there is none, and for a mock of this process. Rejects with `config-invalid`
 * for a FNLOOP_DAEMON that is no address, and with `interrupted`.
 */
export async function holderOf(app: App, address: string, runs: string): Promise<Holder | undefined> {
  const place = parseAddress(address);
  if (place.scheme !== 'serial' && place.scheme !== 'tcp') return undefined;
  if (!(await mayHaveDaemon(runs, process.env))) return undefined;
  const { holders } = await import('./holders.ts');
  for await (const holder of holders(app, runs)) if (isAt(holder, place)) return holder;
  return undefined;
}

const isAt = ({ daemon, board }: Holder, place: BoardAddress): boolean =>
  (isOwnHost(new URL(daemon.url).hostname) || isMeantAlikeElsewhere(place)) &&
  isSamePlace(parseAddress(board.address), place);
