/**
 * Serves the built mock on a pseudo-terminal, in real time and in a process of its own, and says when its clock
 * began: `node real-time-mock.mjs BASE_NS SKEW_PPM JITTER_MS SEED`. Its host time is the system's monotonic clock,
 * which all processes share, less BASE_NS.
 *
 * Node's timers are whole milliseconds of that same clock: a jitter made by them is 1 or 2 ms, and the delays of
 * the two ways differ by up to one. Here the last milliseconds of a wait are polled, so that the delays are those drawn.
 */
import { createMock, servePty } from '../../dist/mocks/index.js';

const POLLED_MS = 2;
const [baseNs, skewPpm, jitterMs, seed] = process.argv.slice(2);
const monotonicMs = () => Number(process.hrtime.bigint() - BigInt(baseNs)) / 1e6;

function after(delayMs, act) {
  const dueMs = monotonicMs() + delayMs;
  let isCanceled = false;
  const look = () => {
    if (isCanceled) return;
    if (monotonicMs() >= dueMs) act();
    else setImmediate(look);
  };
  const timer = setTimeout(look, Math.max(0, delayMs - POLLED_MS));
  if (delayMs <= POLLED_MS) {
    clearTimeout(timer);
    setImmediate(look);
  }
  return () => {
    isCanceled = true;
    clearTimeout(timer);
  };
}

// One instant for all that is made, so that the board's clock is 0 then and at no other time.
const startedMs = monotonicMs();
let nowMs = () => startedMs;
const { end } = createMock(
  { preset: 'dam-a', time: 'real', skewPpm: Number(skewPpm), jitterMs: Number(jitterMs), seed: Number(seed) },
  { nowMs: () => nowMs(), after },
);
nowMs = monotonicMs;
const { path } = await servePty(end);
process.stdout.write(`${JSON.stringify({ startedMs, path })}\n`);
