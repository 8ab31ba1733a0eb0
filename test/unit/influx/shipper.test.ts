import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { Lines } from '../../../src/influx/line-texts.ts';
import { LiveShipping } from '../../../src/influx/live-shipping.ts';
import { Shipper, type ShipperParts, type ShippingNews } from '../../../src/influx/shipper.ts';
import { shippingState } from '../../../src/influx/shipping-state.ts';
import type { Answer, WriteEndpoint } from '../../../src/influx/write-endpoint.ts';
import { Spool } from '../../../src/store/spool.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { writeRun } from '../../support/shipped-run.ts';

const TARGET = 'http://stand-in/?db=x';
const POINTS = { update: 1000, step: 10, link: 11, run: 1 };
const ALL = Object.values(POINTS).reduce((sum, count) => sum + count, 0);

/** Stands in for a database: keeps the points it stored by line, and answers as the script says, else `stored`. */
class StandIn implements WriteEndpoint {
  readonly inFlight = 2;
  readonly stored = new Set<string>();
  posts = 0;
  readonly #script: (post: number, lines: readonly string[]) => Promise<Answer> | Answer | undefined;

  constructor(
    script: (post: number, lines: readonly string[]) => Promise<Answer> | Answer | undefined = () =>
      undefined,
  ) {
    this.#script = script;
  }

  async write(texts: Lines): Promise<Answer> {
    this.posts += 1;
    const lines = Buffer.concat(texts).toString().trimEnd().split('\n');
    const answer = (await this.#script(this.posts, lines)) ?? { kind: 'stored' };
    if (answer.kind === 'stored') for (const line of lines) this.stored.add(line);
    return answer;
  }

  close(): void {}
}

const parts = (endpoint: WriteEndpoint, more: Partial<ShipperParts> = {}): Omit<ShipperParts, 'spool'> => ({
  endpoint,
  target: TARGET,
  clock: systemClock,
  random: seededRandom(1, 'test'),
  wait: (_, signal) => sleep(1, undefined, { signal }).catch(() => {}),
  rowsAtMost: 100,
  ...more,
});

async function spoolOf(folder: string): Promise<Spool> {
  const spool = await Spool.open(folder);
  onTestFinished(() => spool.close());
  return spool;
}

async function drained(spool: Spool, endpoint: WriteEndpoint, more: Partial<ShipperParts> = {}) {
  const shipper = await Shipper.open({ ...parts(endpoint, more), spool });
  shipper.finish();
  await shipper.run();
  return { shipper, state: await shippingState(spool, TARGET) };
}

test('every point arrives, and nothing is sent again', async () => {
  const spool = await spoolOf(await writeRun(temporaryFolder(), POINTS.update));
  const first = new StandIn();
  const { shipper, state } = await drained(spool, first);
  expect(first.stored.size).toBe(ALL);
  expect(shipper.stored).toBe(ALL);
  expect(state).toEqual({ target: TARGET, waiting: 0, setAside: 0, reason: null });
  const second = new StandIn();
  await drained(spool, second);
  expect(second.posts).toBe(0);
  const another = new StandIn();
  await drained(spool, another, { target: 'http://another/?db=x' });
  expect(another.stored.size).toBe(ALL);
  const again = new StandIn();
  await drained(spool, again, { again: true });
  expect(again.stored).toEqual(first.stored);
});

test.each<[string, Answer]>([
  ['a full disk', { kind: 'unavailable', reason: '500: engine: write /wal/1.wal: no space left on device' }],
  ['a server in trouble', { kind: 'unavailable', reason: '503: busy', retryAfterMs: 2 }],
  ['no server', { kind: 'unavailable', reason: 'ECONNREFUSED' }],
])('%s is waited out: every point arrives once it is over', async (_, answer) => {
  const spool = await spoolOf(await writeRun(temporaryFolder(), POINTS.update));
  const news: ShippingNews[] = [];
  const endpoint = new StandIn((post) => (post > 3 && post < 20 ? answer : undefined));
  const { state } = await drained(spool, endpoint, { onNews: (one) => news.push(one) });
  expect(endpoint.stored.size).toBe(ALL);
  expect(state).toMatchObject({ waiting: 0, setAside: 0 });
  expect(news).toEqual([expect.objectContaining({ kind: 'held-up' }), { kind: 'flowing' }]);
});

test('an answer that is lost leads to the same points again, and to none twice', async () => {
  const spool = await spoolOf(await writeRun(temporaryFolder(), POINTS.update));
  const arrived: string[] = [];
  const endpoint = new StandIn((post, lines) => {
    arrived.push(...lines);
    return post % 3 === 0 ? { kind: 'unavailable', reason: 'socket hang up' } : undefined;
  });
  await drained(spool, endpoint);
  expect(arrived.length).toBeGreaterThan(ALL);
  expect(new Set(arrived)).toEqual(endpoint.stored);
  expect(endpoint.stored.size).toBe(ALL);
});

test('of many points the two that are refused are found, set aside once, and the others arrive', async () => {
  const spool = await spoolOf(await writeRun(temporaryFolder(), POINTS.update));
  const isBad = (line: string) => /update_id=(17|912)i/.test(line);
  const refusing = () =>
    new StandIn((_, lines) =>
      lines.some(isBad) ? { kind: 'refused', reason: '400: partial write' } : undefined,
    );
  const endpoint = refusing();
  const { state, shipper } = await drained(spool, endpoint);
  expect(endpoint.stored.size).toBe(ALL - 2);
  expect(shipper.stored).toBe(ALL - 2);
  expect(state).toMatchObject({ waiting: 0, setAside: 2, reason: '400: partial write' });
  const rows = await spool.query<{ line: string; time_ns: bigint; measurement: string }>(
    'SELECT * FROM set_aside',
  );
  expect(rows.map(({ line }) => isBad(line))).toEqual([true, true]);
  expect(rows.every(({ line, time_ns: timeNs }) => line.endsWith(` ${timeNs}`))).toBe(true);
  // As after a crash before the place was saved.
  await spool.query('DELETE FROM shipped');
  expect((await drained(spool, refusing())).state.setAside).toBe(2);
  expect((await drained(spool, refusing(), { again: true })).state.setAside).toBe(2);
  expect((await drained(spool, new StandIn(), { again: true })).state).toMatchObject({
    waiting: 0,
    setAside: 0,
  });
});

test('a server that is overrun by many lines is given fewer, and one with a limit no more than that', async () => {
  const spool = await spoolOf(await writeRun(temporaryFolder(), 5000));
  const overrun = (answer: Answer) => {
    const sizes: number[] = [];
    const endpoint = new StandIn((_, lines) => {
      sizes.push(lines.length);
      return lines.length > 300 ? answer : undefined;
    });
    return { endpoint, sizes };
  };
  const slow = overrun({ kind: 'unavailable', reason: 'no reply within 30 s' });
  const { state } = await drained(spool, slow.endpoint, { rowsAtMost: 1000 });
  expect(state).toMatchObject({ waiting: 0, setAside: 0 });
  const proxy = overrun({ kind: 'refused', reason: '413: too large', isTooLarge: true });
  const limited = await drained(spool, proxy.endpoint, { rowsAtMost: 1000, again: true });
  expect(limited.state).toMatchObject({ waiting: 0, setAside: 0 });
  expect(proxy.endpoint.stored).toEqual(slow.endpoint.stored);
  // Three workers find it out, each in one chunk at most.
  expect(proxy.sizes.filter((size) => size > 300).length).toBeLessThanOrEqual(3 * 3);
});

test('how much waits, and since when, is known while the database is away', async () => {
  const spool = await spoolOf(await writeRun(temporaryFolder(), POINTS.update));
  let nowMs = 0;
  let isAway = true;
  const endpoint = new StandIn(() => (isAway ? { kind: 'unavailable', reason: 'ECONNREFUSED' } : undefined));
  const clock = { nowMs: () => nowMs, wallNs: systemClock.wallNs };
  const shipper = await Shipper.open({ ...parts(endpoint, { clock }), spool });
  const { waiting } = await shippingState(spool, TARGET);
  expect(waiting).toBeGreaterThanOrEqual(ALL);
  expect(await shipper.standing()).toEqual({ waiting, awayMs: null });
  const running = shipper.run();
  while (shipper.isFlowing) await sleep(1);
  nowMs = 40_000;
  const away = await shipper.standing();
  expect(away.awayMs).toBe(40_000);
  expect(away.waiting).toBeGreaterThanOrEqual(ALL - POINTS.run);
  isAway = false;
  shipper.finish();
  await running;
  expect(await shipper.standing()).toEqual({ waiting: 0, awayMs: null });
});

test('the place moves only past what is stored: whoever comes after a stop sends the rest', async () => {
  const spool = await spoolOf(await writeRun(temporaryFolder(), POINTS.update));
  const never = new Promise<Answer>(() => {});
  const held = new StandIn((post, lines) =>
    post > 4 && lines.some((line) => line.startsWith('update')) ? never : undefined,
  );
  const stuck: WriteEndpoint = {
    inFlight: 2,
    write: (lines, signal) =>
      Promise.race([
        held.write(lines),
        new Promise<Answer>((resolve) =>
          signal.addEventListener('abort', () => resolve({ kind: 'unavailable', reason: 'aborted' })),
        ),
      ]),
    close: () => {},
  };
  const shipper = await Shipper.open({ ...parts(stuck), spool });
  const running = shipper.run();
  await sleep(100);
  shipper.stop();
  await running;
  const { waiting } = await shippingState(spool, TARGET);
  expect(waiting).toBeGreaterThan(0);
  const rest = new StandIn();
  expect((await drained(spool, rest)).state.waiting).toBe(0);
  expect(new Set([...held.stored, ...rest.stored]).size).toBe(ALL);
});

test('beside a run whose database is silent, the end of the run is not waited for', async () => {
  const silent: WriteEndpoint = {
    inFlight: 2,
    write: async () => ({ kind: 'unavailable', reason: 'silent' }),
    close: () => {},
  };
  const news: ShippingNews[] = [];
  const waitsMs: number[] = [];
  const wait = (ms: number, signal: AbortSignal) => {
    waitsMs.push(ms);
    return sleep(1, undefined, { signal }).catch(() => {});
  };
  const random = { integer: () => 0 };
  const live = new LiveShipping({ ...parts(silent, { wait, random }), onNews: (one) => news.push(one) });
  const folder = await writeRun(temporaryFolder(), 100);
  await live.start(await Spool.open(folder));
  await vi.waitUntil(() => news.length > 0);
  waitsMs.length = 0;
  await live.finish();
  expect(waitsMs).not.toContain(2000);
  expect(news).toEqual([{ kind: 'held-up', reason: 'silent' }]);
});
