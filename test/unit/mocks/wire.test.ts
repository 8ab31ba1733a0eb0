import { expect, test } from 'vitest';
import { ping } from '../../../firmware-protocol/commands.ts';
import { systemTime } from '../../../mocks/host-time.ts';
import { paced } from '../../../mocks/pace.ts';
import { request } from './armed.ts';
import { wired } from './wired.ts';

const PING = request(7, ping, {});

test('bytes come at the pace of the wire, in both directions', () => {
  // 10 bits a byte: one byte a millisecond.
  const { end, received, hostTime } = wired({ baud: 10_000 });
  end.receive(PING);
  hostTime.advance(PING.length - 1);
  expect(received).toEqual([]);
  hostTime.advance(11);
  const come = received.join('').length;
  expect(come).toBeGreaterThanOrEqual(9);
  expect(come).toBeLessThanOrEqual(11);
  hostTime.advance(200);
  expect(received.join('')).toMatch(/^#7 OK .*\n$/);
});

test('a saturated wire carries its baud rate, whatever its timer does', () => {
  const { end, received, hostTime } = wired({ baud: 115_200 });
  for (let i = 0; i < 2000; i += 1) end.receive(PING);
  // The first reply begins when the first request has come.
  hostTime.advance(100);
  const before = received.join('').length;
  for (const ms of [1, 3, 50, 0.3, 945.7]) hostTime.advance(ms);
  expect((received.join('').length - before) / 11_520).toBeCloseTo(1, 2);
});

test('on the system clock a saturated direction of 1,000,000 baud carries 100 kB/s', async () => {
  let bytes = 0;
  const channel = paced(
    1_000_000,
    systemTime,
  )((chunk) => {
    bytes += chunk.length;
  });
  const beganMs = performance.now();
  for (let i = 0; i < 200; i += 1) channel.send('x'.repeat(1000));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  // Counted at a tick's end: what has come since the last one is at most a tick's bytes.
  await new Promise<void>((resolve) => {
    const before = bytes;
    const look = () => (bytes > before ? resolve() : void setImmediate(look));
    look();
  });
  const ideal = ((performance.now() - beganMs) / 1e3) * 100_000;
  channel.clear();
  expect(bytes / ideal).toBeGreaterThan(0.99);
  expect(bytes / ideal).toBeLessThan(1.005);
});

test('jitter delays lines and keeps their order', () => {
  const { end, received, hostTime } = wired({ jitterMs: 10 });
  for (let id = 1; id <= 50; id += 1) end.receive(request(id, ping, {}));
  const early = received.length;
  hostTime.advance(5);
  hostTime.advance(15);
  expect(early).toBe(0);
  expect(received.map((line) => Number(/^#(\d+)/.exec(line)?.[1]))).toEqual(
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
});

test('what is on its way when the wire is pulled out is lost', () => {
  const { board, end, received, hostTime } = wired({ baud: 10_000, jitterMs: 10 });
  end.receive(PING);
  board.receive(PING);
  end.unplugged?.();
  hostTime.advance(10_000);
  expect(received).toEqual([]);
  end.receive(PING);
  hostTime.advance(1000);
  expect(received.join('')).toMatch(/^#7 OK .*\n$/);
});
