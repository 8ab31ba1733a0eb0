import { realpath } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BoardAddress } from './address.ts';
import type { Endpoint, Place } from './endpoint.ts';
import { openSerial } from './serial.ts';
import { identityOf, type ListedPort, type PortIdentity, placesOf } from './serial-places.ts';

/** What the endpoint needs of the system. */
export interface SerialSystem {
  list(): Promise<readonly ListedPort[]>;
  readonly open: typeof openSerial;
}

const thisSystem: SerialSystem = {
  list: async () => (await import('serialport')).SerialPort.list(),
  open: openSerial,
};

/**
 * A board on a serial port, followed to another path when it is plugged in again.
 *
 * The first opening that succeeds tells which USB device it is. Before, and where the system knows no
 * identities (pseudo-terminals, Linux without udev), the path as written is the only place.
 */
export function serialEndpoint(
  { path, baudRate, text }: Extract<BoardAddress, { scheme: 'serial' }>,
  system: SerialSystem = thisSystem,
): Endpoint {
  let known: Promise<PortIdentity | undefined> = Promise.resolve(undefined);

  // Where ports cannot be listed the path is all there is to know, and opening it says what is wrong.
  const listed = (): Promise<readonly ListedPort[]> => system.list().catch(() => []);

  const identify = async (at: string): Promise<PortIdentity | undefined> => {
    // A name such as /dev/serial/by-id/... is a link to the listed one; a Windows name is no file.
    const device = await realpath(at).catch(() => at);
    const port = (await listed()).find((candidate) => candidate.path === device);
    return port && identityOf(port);
  };

  const placeAt = (at: string): Place => {
    const address = at === path ? text : `serial:${at}?baud=${baudRate}`;
    return {
      address,
      open: async () => {
        const transport = await system.open(at, baudRate, address);
        // Not waited for, and not before the first line is sent: lines may come at once, and listing takes a while.
        known = known.then((identity) => identity ?? nextTurn().then(() => identify(at)));
        return transport;
      },
    };
  };

  return {
    address: text,
    places: async () => {
      const identity = await known;
      return placesOf(path, identity, identity === undefined ? [] : await listed()).map(placeAt);
    },
    close: async () => {},
  };
}
