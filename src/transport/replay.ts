import { FnloopError } from '../core/errors.ts';
import type { BoardAddress } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import type { LineTransport } from './line-transport.ts';
import { replayLink } from './replay-link.ts';
import { pongsOf, scriptOf } from './replay-script.ts';
import { readWireLog } from './wire-log-reader.ts';

/**
 * A board that says again what a wire log holds, as fast as the host asks; each opening plays the next connection.
 *
 * The host must ask what the log has asked, in that order, verb by verb and field by field: batches are as
 * deterministic as the rest. Replies come under the ids that this host uses. Only what timers send may differ:
 * signs of life (`!ALIVE`) and PINGs. A PING that the log has not is answered with the latest answer to one that it
 * has, PINGs that this host does not send are passed over. After another line that differs the endpoint does not open
 * again. Start times in real time (`at_us`) follow the host's clock, so a run with them cannot be replayed. Rejects with `file-missing` where the file cannot be read, and with `config-invalid` where it is no wire log.
 */
export async function replayEndpoint({
  file,
  text,
}: Extract<BoardAddress, { scheme: 'replay' }>): Promise<Endpoint> {
  const connections = await readWireLog(file);
  const scripts = connections.map(scriptOf);
  const pongs = scripts.flatMap(pongsOf);
  let played = 0;
  let isOpen = false;
  let difference: string | undefined;

  const open = async (): Promise<LineTransport> => {
    if (difference !== undefined)
      throw new FnloopError('port-refused', `${text} cannot go on: ${difference}.`);
    if (isOpen) throw new FnloopError('port-busy', `${text} is connected already.`);
    const [connection, script] = [connections[played], scripts[played]];
    if (connection === undefined || script === undefined) {
      throw new FnloopError(
        'port-missing',
        `${text} cannot be connected again: the log holds ${connections.length} connections, and all were played.`,
      );
    }
    played += 1;
    isOpen = true;
    const transport = replayLink({
      file,
      address: text,
      connection,
      script,
      pongs,
      onDifference: (reason) => {
        difference = reason;
      },
    });
    void transport.closed.then(() => {
      isOpen = false;
    });
    return transport;
  };

  return { address: text, places: async () => [{ address: text, open }], close: async () => {} };
}
