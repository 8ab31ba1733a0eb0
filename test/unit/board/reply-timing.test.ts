import { expect, test } from 'vitest';
import { ReplyTiming } from '../../../src/board/reply-timing.ts';

const BYTES_PER_S = 10_000;
const WORK_MS = 250;
const REPLY_BYTES = 4_000;
const REPLY_MS = (1e3 * REPLY_BYTES) / BYTES_PER_S;

test('a board that needs no time for its work is never expected sooner than its wire allows', () => {
  const timing = new ReplyTiming(BYTES_PER_S);
  const planned: number[] = [];
  const ask = (nowMs: number) =>
    planned.push(timing.expect(nowMs, 10, { workMs: WORK_MS, replyBytes: REPLY_BYTES }));
  for (let request = 0; request < 7; request += 1) ask(0);

  let nowMs = 1;
  for (let reply = 0; reply < 100; reply += 1) {
    nowMs += REPLY_MS;
    const plannedMs = planned[reply] ?? Number.NaN;
    if (reply > 0) expect(timing.dueMs(plannedMs)).toBeCloseTo(nowMs, 6);
    timing.answered(nowMs, plannedMs);
    ask(nowMs);
  }
  expect(timing.roundTripMs).toBeCloseTo(0, 6);
});

test('a reply that is late by as much as those before it is waited for', () => {
  const timing = new ReplyTiming(BYTES_PER_S);
  for (let sentMs = 0; sentMs < 100_000; sentMs += 1_000) {
    const plannedMs = timing.expect(sentMs, 10, { replyBytes: 10 });
    timing.answered(timing.dueMs(plannedMs) + 400, plannedMs);
  }
  expect(timing.roundTripMs).toBeCloseTo(400, 3);
  expect(timing.marginMs).toBeGreaterThan(400);
});
