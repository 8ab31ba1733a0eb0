import { connect } from 'node:net';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { expect, onTestFinished, test, vi } from 'vitest';
import { EventHub } from '../../../src/daemon/api/event-hub.ts';
import { usualLimits } from '../../../src/daemon/api/parts.ts';
import type { UpdatesEvent } from '../../../src/daemon/lab.ts';
import { labEvent, missedSchema } from '../../../src/daemon/routes/events.ts';
import { startApi } from '../../support/daemon-api.ts';
import { FakeLab } from '../../support/fake-lab.ts';

const updates = (runId: string, count = 50): UpdatesEvent => ({
  kind: 'updates',
  board: 'left',
  runId,
  updates: Array.from({ length: count }, (_, update) => ({
    update,
    cell: update,
    kind: 'SET',
    energyFJ: 8,
    weightAfterV: 0.25,
  })),
});

/** Reads a stream of events; each is held to its schema. */
async function reading(url: string, query = '', headers: Readonly<Record<string, string>> = {}) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(`${url}/api/v1/events${query}`, { headers, signal: leaving.signal });
  const events: EventSourceMessage[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: (event) => {
      const data: unknown = JSON.parse(event.data);
      const schema = event.event === 'missed' ? missedSchema : labEvent;
      expect(schema.safeParse(data).error).toBeUndefined();
      events.push(event);
    },
    onComment: (comment) => void comments.push(comment),
  });
  const ended = (async () => {
    const text = response.body?.pipeThrough(new TextDecoderStream());
    for await (const chunk of text ?? []) parser.feed(chunk);
  })().catch(() => {});
  return { response, events, comments, ended, leave: () => leaving.abort() };
}

test('events arrive in order, named, numbered and filtered', async () => {
  const { lab, url } = await startApi();
  const [all, steps] = await Promise.all([reading(url), reading(url, '?kinds=job,board&board=right')]);
  expect(all.response.headers.get('content-type')).toBe('text/event-stream');
  lab.news.next(updates('r1'));
  lab.set('right', { state: 'fault', reason: 'unplugged' });
  const job = lab.put({ board: 'right' });
  lab.change(job.id, { state: 'running' });
  await vi.waitFor(() => expect(all.events).toHaveLength(3));
  await vi.waitFor(() => expect(steps.events.map(({ event }) => event)).toEqual(['board', 'job']));
  expect(all.events.map(({ event }) => event)).toEqual(['updates', 'board', 'job']);
  expect(new Set(all.events.map(({ id }) => id)).size).toBe(3);
});

test('a reader that comes back gets what it has not seen, or is told that it missed some', async () => {
  const { lab, url } = await startApi({ limits: { eventsWaiting: 3 } });
  const first = await reading(url);
  lab.set('left', { state: 'ready' });
  await vi.waitFor(() => expect(first.events).toHaveLength(1));
  const id = first.events[0]?.id ?? '';
  first.leave();
  lab.set('left', { state: 'fault' });
  const second = await reading(url, '', { 'last-event-id': id });
  await vi.waitFor(() =>
    expect(second.events.map(({ data }) => JSON.parse(data).board.state)).toEqual(['fault']),
  );
  for (const state of ['ready', 'fault', 'ready', 'fault'] as const) lab.set('left', { state });
  for (const after of [id, 'before-7', 'nonsense']) {
    const late = await reading(url, '', { 'last-event-id': after });
    await vi.waitFor(() => expect(late.events).toHaveLength(4));
    expect(late.events[0]).toMatchObject({ event: 'missed', data: '{"missed":null}' });
    late.leave();
  }
});

test('a reader that stalls costs bounded memory, is told how many it missed, and holds up nobody', async () => {
  const { lab, url } = await startApi();
  const { hostname, port } = new URL(url);
  const stalled = connect(Number(port), hostname);
  onTestFinished(() => void stalled.destroy());
  let isStalled = true;
  let taken = '';
  stalled.on('data', (chunk: Buffer) => {
    taken += chunk.toString('latin1');
    if (isStalled) stalled.pause();
  });
  stalled.write(`GET /api/v1/events HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`);
  await vi.waitFor(() => expect(taken).toContain(': fnloop'));
  const healthy = await reading(url);

  const EVENTS = 20_000;
  let slowestMs = 0;
  const memoryBytes = process.memoryUsage().heapUsed;
  for (let sent = 0; sent < EVENTS; sent += 100) {
    const startedMs = performance.now();
    for (let more = 0; more < 100; more += 1) lab.news.next(updates(`r${sent + more}`));
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    await vi.waitFor(() => expect(healthy.events.length).toBe(sent + 100), { interval: 1 });
    if (sent % 1000 === 0) healthy.events.splice(0, 0);
  }
  expect(healthy.events.map(({ event }) => event)).not.toContain('missed');
  healthy.events.length = 0;
  expect(slowestMs).toBeLessThan(500);
  globalThis.gc?.();
  expect(process.memoryUsage().heapUsed - memoryBytes).toBeLessThan(400e6);

  isStalled = false;
  stalled.resume();
  const count = (pattern: RegExp) => taken.match(pattern)?.length ?? 0;
  const missed = () =>
    [...taken.matchAll(/event: missed\ndata: \{"missed":(\d+)\}/g)].reduce(
      (sum, [, some]) => sum + Number(some),
      0,
    );
  await vi.waitFor(() => expect(count(/event: updates\n/g) + missed()).toBe(EVENTS), { timeout: 10_000 });
  expect(missed()).toBeGreaterThan(EVENTS / 4);
});

test('what waits for one reader is bounded in events and in characters', () => {
  const lab = new FakeLab();
  const limits = { ...usualLimits, eventsWaiting: 10, charactersWaiting: 20_000 };
  const hub = new EventHub(lab.events$, 'e', limits);
  const reader = hub.open({});
  for (let sent = 0; sent < 1_000; sent += 1) lab.news.next(updates('r', 1));
  expect(reader.waiting.events).toBe(10);
  for (let sent = 0; sent < 1_000; sent += 1) lab.news.next(updates('r', 100));
  expect(reader.waiting.characters).toBeLessThanOrEqual(20_000);
  hub.leave(reader);
  expect(hub.readers).toBe(0);
});

test('a quiet stream shows signs of life, and ends with the daemon', async () => {
  const { lab, url } = await startApi({ limits: { heartbeatMs: 20 } });
  const reader = await reading(url);
  await vi.waitFor(() => expect(reader.comments).toContain('still here'));
  lab.news.complete();
  await reader.ended;
});

test('there are so many readers and no more, and one that leaves makes room', async () => {
  const { url } = await startApi({ limits: { eventReaders: 2 } });
  const [first] = [await reading(url), await reading(url)];
  expect((await reading(url)).response.status).toBe(429);
  first.leave();
  await vi.waitFor(async () => expect((await reading(url)).response.status).toBe(200));
});
