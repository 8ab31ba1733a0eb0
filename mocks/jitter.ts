import type { Stage } from './channel.ts';
import { DelayLine } from './delay-line.ts';
import type { HostTime } from './host-time.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Uniform } from './random.ts';

/** Delays each line by 0 to `jitterMs`; order is kept. */
export const jittered =
  (jitterMs: number, draw: Uniform, time: HostTime): Stage =>
  (deliver) => {
    const delay = new DelayLine(time, deliver);
    const lines = new LineSplitter((line) => delay.push(line, draw() * jitterMs));
    return {
      send: (bytes) => lines.take(bytes),
      clear: () => {
        lines.clear();
        delay.clear();
      },
    };
  };
