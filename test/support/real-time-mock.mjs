/**
 * Serves the built mock on a pseudo-terminal, in real time and in a process of its own, and says when its clock
 * began: `node real-time-mock.mjs BASE_NS SKEW_PPM JITTER_MS SEED`. Its host time is the system's monotonic clock,
 * which all processes share, less BASE_NS.
 */
import { createMock, servePty } from '../../dist/mocks/index.js';

const [baseNs, skewPpm, jitterMs, seed] = process.argv.slice(2);
const monotonicMs = () => Number(process.hrtime.bigint() - BigInt(baseNs)) / 1e6;

const after = (delayMs, act) => {
  const timer = setTimeout(act, delayMs).unref();
  return () => clearTimeout(timer);
};

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
