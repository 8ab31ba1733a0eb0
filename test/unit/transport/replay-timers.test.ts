import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { spellLine } from '../../../firmware-protocol/line.ts';
import { parseAddress } from '../../../src/transport/address.ts';
import type { Endpoint } from '../../../src/transport/endpoint.ts';
import { openEndpoint } from '../../../src/transport/open.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { boardOn } from '../../support/wire.ts';

const BOOT = '7';
const fieldsOf = (fields: Record<string, string>) => new Map(Object.entries(fields));
const ask = (id: number, verb: string, fields: Record<string, string> = {}) =>
  spellLine({ kind: 'request', id, verb, fields: fieldsOf(fields) });
const ok = (id: number, fields: Record<string, string> = {}) =>
  spellLine({ kind: 'ok', id, fields: fieldsOf(fields) });
const pong = (id: number, timeUs: number, boot = BOOT) => ok(id, { boot, t_us: String(timeUs) });
const alive = spellLine({ kind: 'event', name: 'ALIVE', fields: new Map() });
const bootNews = (boot: string) => spellLine({ kind: 'event', name: 'BOOT', fields: fieldsOf({ boot }) });

const replayOf = (file: string): Promise<Endpoint> =>
  openEndpoint(parseAddress(`replay:${file}`), { seed: 1 });

/** One connection that plays these lines back: those to the board begin with `> `, those from it with `< `. */
async function replay(...records: readonly string[]) {
  const file = join(temporaryFolder(), 'wire.log');
  const lines = ['connect x', ...records, 'close'].map((record, index) => `${index} ${record}`);
  writeFileSync(file, `fnloop-wire-log 1 2026-11-21T09:30:00.000Z x\n${lines.join('\n')}\n`);
  const [place] = await (await replayOf(file)).places();
  if (place === undefined) throw new Error('no place');
  const transport = await place.open();
  const received: string[] = [];
  transport.lines$.subscribe((line) => received.push(line));
  const settled = async () => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    return received;
  };
  return { transport, settled, send: (line: string) => transport.send(line), file };
}

test('requests are known by what they ask, and answered under the ids of this host', async () => {
  const { send, settled } = await replay(
    `> ${ask(5, 'READ', { cells: '0' })}`,
    `> ${ask(6, 'COUNT', { cells: '0' })}`,
    `< ${ok(5, { codes: 'AAAA' })}`,
    `< ${ok(6, { since: 'boot' })}`,
    `< ${ok(6, { since: 'boot' })}`,
  );
  await send(ask(900, 'READ', { cells: '0' }));
  await send(ask(901, 'COUNT', { cells: '0' }));
  expect(await settled()).toEqual([
    ok(900, { codes: 'AAAA' }),
    ok(901, { since: 'boot' }),
    ok(901, { since: 'boot' }),
  ]);
});

test('another field, or another order, is a difference', async () => {
  const records = [`> ${ask(1, 'READ', { cells: '0' })}`, `> ${ask(2, 'SAFE')}`];
  const other = await replay(...records);
  await expect(other.send(ask(1, 'READ', { cells: '1' }))).rejects.toMatchObject({ code: 'link-lost' });
  expect(await other.transport.closed).toMatch(/^the replay expected '#1 READ cells=0\*.*' at line 3 of/);
  const early = await replay(...records);
  await expect(early.send(ask(1, 'SAFE'))).rejects.toMatchObject({ code: 'link-lost' });
});

test('a reply to nothing answers nothing here, whatever its id', async () => {
  const { send, settled } = await replay(
    `> ${ask(1, 'SAFE')}`,
    `< ${ok(9, { t_us: '1' })}`,
    `< ${ok(1, { t_us: '2' })}`,
  );
  await send(ask(9, 'SAFE'));
  expect(await settled()).toEqual([ok(65_535, { t_us: '1' }), ok(9, { t_us: '2' })]);
});

test('lines that were damaged on the way stay damaged', async () => {
  const damaged = ok(1, { t_us: '2' }).replace('t_us', 't_xs');
  const { send, settled } = await replay(`> ${ask(1, 'SAFE')}`, `< ${damaged}`);
  await send(ask(9, 'SAFE'));
  expect(await settled()).toEqual([damaged]);
});

test('signs of life are nothing, on either side', async () => {
  const { send, settled } = await replay(
    `> ${alive}`,
    `> ${ask(1, 'SAFE')}`,
    `> ${alive}`,
    `< ${ok(1)}`,
    `> ${alive}`,
  );
  await send(alive);
  await send(ask(1, 'SAFE'));
  await send(alive);
  await send(alive);
  expect(await settled()).toEqual([ok(1)]);
});

test('PINGs of the log that this host does not send hold nothing up, and their answers are left out', async () => {
  const { send, settled } = await replay(
    `> ${ask(1, 'PING')}`,
    `< ${pong(1, 10)}`,
    `> ${ask(2, 'SAFE')}`,
    `> ${ask(3, 'PING')}`,
    `< ${ok(2)}`,
    `< ${pong(3, 20)}`,
    `> ${ask(4, 'SAFE')}`,
    `< ${ok(4)}`,
    `> ${ask(5, 'PING')}`,
    `< ${pong(5, 30)}`,
  );
  await send(ask(1, 'SAFE'));
  expect(await settled()).toEqual([ok(1)]);
  await send(ask(2, 'SAFE'));
  expect(await settled()).toEqual([ok(1), ok(2)]);
});

test('a PING that the log has there gets its own answer, another one the latest, and before any the next', async () => {
  const { send, settled } = await replay(
    `> ${ask(1, 'SAFE')}`,
    `< ${ok(1)}`,
    `> ${ask(2, 'PING')}`,
    `< ${pong(2, 10)}`,
    `> ${ask(3, 'SAFE')}`,
    `< ${ok(3)}`,
    `> ${ask(4, 'SAFE')}`,
    `< ${ok(4)}`,
    `> ${ask(5, 'PING')}`,
    `< ${pong(5, 20)}`,
  );
  await send(ask(1, 'PING'));
  expect(await settled()).toEqual([pong(1, 10)]);
  await send(ask(2, 'SAFE'));
  await settled();
  await send(ask(3, 'PING'));
  expect((await settled()).slice(1)).toEqual([ok(2), pong(3, 10)]);
  await send(ask(4, 'SAFE'));
  await settled();
  await send(ask(5, 'PING'));
  expect((await settled()).at(-1)).toBe(pong(5, 10));
  await send(ask(6, 'SAFE'));
  await settled();
  await send(ask(7, 'PING'));
  await send(ask(8, 'PING'));
  expect((await settled()).slice(-2)).toEqual([pong(7, 20), pong(8, 20)]);
});

test('the answer to a PING does not overtake those to what was asked before it', async () => {
  const { send, settled } = await replay(
    `> ${ask(1, 'PING')}`,
    `< ${pong(1, 10)}`,
    `> ${ask(2, 'SAFE')}`,
    `> ${ask(3, 'READ', { cells: '0' })}`,
    `< ${ok(2)}`,
    `< ${ok(3)}`,
  );
  await send(ask(1, 'SAFE'));
  await send(ask(2, 'PING'));
  expect(await settled()).toEqual([]);
  await send(ask(3, 'READ', { cells: '0' }));
  expect(await settled()).toEqual([ok(1), pong(2, 10), ok(3)]);
});

test('a request that the log has no answer for does not hold a PING up', async () => {
  const { send, settled } = await replay(`> ${ask(1, 'SAFE')}`, `> ${ask(2, 'PING')}`, `< ${pong(2, 10)}`);
  await send(ask(1, 'SAFE'));
  await send(ask(2, 'PING'));
  expect(await settled()).toEqual([pong(2, 10)]);
});

test('a PING is answered by the boot of the moment, and a boot that only a PING told is told', async () => {
  const { send, settled } = await replay(
    `> ${ask(1, 'PING')}`,
    `< ${pong(1, 10)}`,
    `> ${ask(2, 'SAFE')}`,
    `< ${ok(2)}`,
    `< ${bootNews('8')}`,
    `> ${ask(3, 'SAFE')}`,
    `< ${ok(3)}`,
    `> ${ask(4, 'PING')}`,
    `< ${pong(4, 1, '8')}`,
    `> ${ask(5, 'PING')}`,
    `< ${pong(5, 2, '9')}`,
  );
  await send(ask(1, 'SAFE'));
  expect(await settled()).toEqual([ok(1), bootNews('8')]);
  await send(ask(2, 'PING'));
  expect((await settled()).at(-1)).toBe(pong(2, 1, '8'));
  await send(ask(3, 'SAFE'));
  expect((await settled()).slice(-2)).toEqual([ok(3), bootNews('9')]);
  await send(ask(4, 'PING'));
  expect((await settled()).at(-1)).toBe(pong(4, 2, '9'));
});

test('a PING for which the whole log has no answer is a difference', async () => {
  const { send, transport } = await replay(`> ${ask(1, 'SAFE')}`, `< ${ok(1)}`);
  await expect(send(ask(1, 'PING'))).rejects.toMatchObject({ code: 'link-lost' });
  expect(await transport.closed).toMatch(
    /the replay expected '#1 SAFE.*' at line 3 of .*, but '#1 PING.*' was sent/,
  );
});

test.each([
  ['at leisure', 0, 25],
  ['in haste', 25, 0],
])('a run that was logged with heartbeats plays back %s', async (_, loggedPauseMs, replayedPauseMs) => {
  /** Works with pauses, in which a host with a quick heart sends PINGs. */
  async function work(endpoint: Endpoint, pauseMs: number) {
    const results: unknown[] = [];
    const board = await boardOn({ endpoint }, { heartbeatMs: pauseMs === 0 ? 60_000 : 4 });
    await board.define([{ wave: 0, amplitudeV: 0.2236, widthUs: 200_000 }]);
    await board.arm();
    for (let batch = 1; batch <= 5; batch += 1) {
      await sleep(pauseMs);
      results.push(await board.run({ batch, gapUs: 0, slots: [[{ cell: 0, kind: 'SET', wave: 0 }]] }));
      results.push(await board.read([0, 1]), (await board.ping()).lastBatch);
    }
    await board.close();
    return results;
  }

  const file = join(temporaryFolder(), 'wire.log');
  const mock = await openEndpoint(parseAddress('mock:dam-a?cells=8&via=pipe'), { seed: 3, wireLog: file });
  const results = await work(mock, loggedPauseMs);
  expect(await work(await replayOf(file), replayedPauseMs)).toEqual(results);
});
