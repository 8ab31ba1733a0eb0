import { firstValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { spellLine } from '../../../firmware-protocol/line.ts';
import { createMockBoard, serveTcp } from '../../../mocks/index.ts';
import { parseAddress } from '../../../src/transport/address.ts';
import type { Endpoint } from '../../../src/transport/endpoint.ts';
import { openEndpoint } from '../../../src/transport/open.ts';

async function endpointOf(address: string): Promise<Endpoint> {
  const endpoint = await openEndpoint(parseAddress(address), { seed: 1 });
  onTestFinished(() => endpoint.close());
  return endpoint;
}

/** Connects, asks once, closes. */
async function askOnce(endpoint: Endpoint, verb: string, pairs: Readonly<Record<string, string>> = {}) {
  const [place] = await endpoint.places();
  if (place === undefined) throw new Error('no place');
  const transport = await place.open();
  const reply = firstValueFrom(transport.lines$);
  await transport.send(spellLine({ kind: 'request', id: 1, verb, fields: new Map(Object.entries(pairs)) }));
  const line = await reply;
  await transport.close();
  expect(await transport.closed).toBeUndefined();
  return line;
}

describe('a mock board', () => {
  test.each(['pty', 'tcp', 'pipe'])('lives on between connections over %s', async (via) => {
    const endpoint = await endpointOf(`mock:dam-a?cells=8&via=${via}`);
    expect(await askOnce(endpoint, 'PING')).toContain('armed=no');
    await askOnce(endpoint, 'ARM', { amp_max_uv: '1000000', width_max_us: '1000000' });
    expect(await askOnce(endpoint, 'PING')).toContain('armed=yes');
  });

  test('that does not exist is refused before anything is served', async () => {
    await expect(endpointOf('mock:dam-z')).rejects.toMatchObject({
      code: 'config-invalid',
      message:
        "The board address 'mock:dam-z' cannot be used: there is no preset 'dam-z', expected one of dam-a, dam-a-stress, dam-b.",
    });
  });

  test('is gone once its endpoint is closed', async () => {
    const endpoint = await openEndpoint(parseAddress('mock:dam-a?via=tcp'), { seed: 1 });
    const [place] = await endpoint.places();
    await endpoint.close();
    await expect(place?.open()).rejects.toMatchObject({ code: 'port-missing' });
  });

  test('states the pace of its wire where it has one', async () => {
    const endpoint = await endpointOf('mock:dam-a?via=pipe&baud=9600');
    const transport = await (await endpoint.places())[0]?.open();
    expect(transport?.bytesPerS).toBe(960);
    await transport?.close();
  });
});

test('a board behind TCP is one place, connected to anew each time', async () => {
  const served = await serveTcp(createMockBoard({ preset: 'dam-a' }), { host: '127.0.0.1', port: 0 });
  onTestFinished(() => served.close());
  const endpoint = await endpointOf(`tcp:127.0.0.1:${served.port}`);
  expect(await endpoint.places()).toHaveLength(1);
  expect(await askOnce(endpoint, 'PING')).toMatch(/^#1 OK /);
  expect(await askOnce(endpoint, 'PING')).toMatch(/^#1 OK /);
});
