import { FnloopError } from '../core/errors.ts';
import type { BoardAddress } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import type { LineTransport } from './line-transport.ts';
import { replayLink } from './replay-link.ts';
import { readWireLog } from './wire-log-reader.ts';

/**
 * A board that says again what a wire log holds, as fast as the host asks; each opening plays the next connection.
 *
 * The host must send the lines of the log, in their order and to the letter: ids and batches are as
 * deterministic as the rest. After a line that differs the endpoint does not open again. Rejects with
 * `file-missing` where the file cannot be read, and with `config-invalid` where it is no wire log.
 */
export async function replayEndpoint({
  file,
  text,
}: Extract<BoardAddress, { scheme: 'replay' }>): Promise<Endpoint> {
  const connections = await readWireLog(file);
  let played = 0;
  let isOpen = false;
  let difference: string | undefined;

  const open = async (): Promise<LineTransport> => {
    if (difference !== undefined)
      throw new FnloopError('port-refused', `${text} cannot go on: ${difference}.`);
    if (isOpen) throw new FnloopError('port-busy', `${text} is connected already.`);
    const connection = connections[played];
    if (connection === undefined) {
      throw new FnloopError(
        'port-missing',
        `${text} cannot be connected again: the log holds ${connections.length} connections, and all were played.`,
      );
    }
    played += 1;
    isOpen = true;
    const transport = replayLink(connection, {
      file,
      address: text,
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
