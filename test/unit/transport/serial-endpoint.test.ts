import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../../src/transport/endpoint.ts';
import type { LineTransport } from '../../../src/transport/line-transport.ts';
import { serialEndpoint } from '../../../src/transport/serial-endpoint.ts';
import type { ListedPort } from '../../../src/transport/serial-places.ts';
import { temporaryFolder } from '../../support/folder.ts';

const device = { vendorId: '2e8a', productId: '000a', serialNumber: 'E661' };

/** Opens the first place; by the next question for places the port's identity is known. */
async function openFirst(endpoint: Endpoint): Promise<void> {
  await (await endpoint.places())[0]?.open();
  await endpoint.places();
}

/** A system whose ports a test may move. */
function system(...ports: ListedPort[]) {
  const opened: string[] = [];
  return {
    ports,
    opened,
    list: async (): Promise<readonly ListedPort[]> => [...ports],
    open: async (path: string, baudRate: number, address: string): Promise<LineTransport> => {
      opened.push(`${path} ${baudRate}`);
      return {
        address,
        bytesPerS: baudRate / 10,
        lines$: NEVER,
        closed: new Promise(() => {}),
        send: async () => {},
        close: async () => {},
      };
    },
  };
}

const endpointAt = (path: string, parts: Parameters<typeof serialEndpoint>[1]) =>
  serialEndpoint({ scheme: 'serial', text: `serial:${path}?baud=9600`, path, baudRate: 9600 }, parts);

test('a board that was opened once is followed to where it is plugged in again', async () => {
  const parts = system({ path: '/dev/ttyACM0', ...device });
  const endpoint = endpointAt('/dev/ttyACM0', parts);
  expect((await endpoint.places()).map(({ address }) => address)).toEqual(['serial:/dev/ttyACM0?baud=9600']);
  await openFirst(endpoint);

  parts.ports.splice(0, 1, { path: '/dev/ttyACM1', ...device });
  const places = await endpoint.places();
  expect(places.map(({ address }) => address)).toEqual([
    'serial:/dev/ttyACM0?baud=9600',
    'serial:/dev/ttyACM1?baud=9600',
  ]);
  expect((await places[1]?.open())?.address).toBe('serial:/dev/ttyACM1?baud=9600');
  expect(parts.opened).toEqual(['/dev/ttyACM0 9600', '/dev/ttyACM1 9600']);
});

test('a link to a port has the identity of the port', async () => {
  const folder = temporaryFolder();
  const [port, link] = [join(folder, 'ttyACM0'), join(folder, 'by-id')];
  writeFileSync(port, '');
  symlinkSync(port, link);
  const parts = system({ path: port, ...device });
  const endpoint = endpointAt(link, parts);
  await openFirst(endpoint);
  parts.ports.splice(0, 1, { path: '/dev/ttyACM7', ...device });
  expect((await endpoint.places()).map(({ address }) => address)).toEqual([
    `serial:${link}?baud=9600`,
    'serial:/dev/ttyACM7?baud=9600',
  ]);
});

test('where an opening failed, or ports cannot be listed, the path as written is the only place', async () => {
  const parts = system({ path: '/dev/ttyACM0', ...device }, { path: '/dev/ttyACM1', ...device });
  const failing = endpointAt('/dev/ttyACM0', {
    ...parts,
    open: async () => Promise.reject(new Error('no such port')),
  });
  await expect((await failing.places())[0]?.open()).rejects.toThrow('no such port');
  expect(await failing.places()).toHaveLength(1);

  const blind = endpointAt('/dev/ttyACM0', {
    ...parts,
    list: async () => Promise.reject(new Error('spawn udevadm ENOENT')),
  });
  await openFirst(blind);
  expect(await blind.places()).toHaveLength(1);
});
