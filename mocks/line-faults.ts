import { commands } from '../firmware-protocol/commands.ts';
import type { Channel, Stage } from './channel.ts';
import { DelayLine } from './delay-line.ts';
import type { FaultRates, FaultScript } from './fault-script.ts';
import type { Cancel, HostTime } from './host-time.ts';
import { LineSplitter } from './line-splitter.ts';
import { corrupted, noise, pieces } from './noise.ts';
import type { Uniform } from './random.ts';

/** What is true of both directions: until when the board is silent, and which replies will be lost. */
export class SharedFaults {
  silentUntilMs = Number.NEGATIVE_INFINITY;
  readonly #swallowed = new Set<string>();

  /** The reply to the request with this id will be lost, or an earlier use of the id is forgotten. */
  asked(id: string, isSwallowed: boolean): void {
    if (isSwallowed) this.#swallowed.add(id);
    else this.#swallowed.delete(id);
  }

  /** True once for a reply to be lost. */
  loses(id: string): boolean {
    return this.#swallowed.delete(id);
  }
}

interface Direction {
  readonly script: FaultScript;
  readonly shared: SharedFaults;
  readonly draw: Uniform;
  readonly time: HostTime;
}

const PIECE_MS = 2;
const RUN = new RegExp(`^#(\\d+) ${commands.run.verb} `);
const REPLY = /^#(\d+) (?:OK|ERR)\b/;

export const faultyToBoard =
  (direction: Direction): Stage =>
  (deliver) => {
    const { shared, draw, time, script } = direction;
    const hits = chanceOf(script.rates, draw);
    return faulty(direction, deliver, (line) => {
      const [, id] = RUN.exec(line) ?? [];
      if (id !== undefined) {
        if (hits('swallow-before')) return false;
        shared.asked(id, hits('swallow-after'));
      }
      if (hits('stall')) shared.silentUntilMs = time.nowMs() + script.stallMs;
      return true;
    });
  };

export const faultyToHost =
  (direction: Direction): Stage =>
  (deliver) =>
    faulty(direction, deliver, (line) => {
      const [, id] = REPLY.exec(line) ?? [];
      return id === undefined || !direction.shared.loses(id);
    });

const chanceOf = (rates: FaultRates, draw: Uniform) => (fault: keyof FaultRates) => {
  const rate = rates[fault] ?? 0;
  return rate > 0 && draw() < rate;
};

/** Faults that either direction has, for the lines that `passes` lets through. */
function faulty(
  { script, shared, draw, time }: Direction,
  deliver: (bytes: string) => void,
  passes: (line: string) => boolean,
): Channel {
  const hits = chanceOf(script.rates, draw);
  const delay = new DelayLine(time, deliver);
  let held = '';
  let cancelHeld: Cancel = () => {};

  const push = (bytes: string, extraMs: number) =>
    delay.push(bytes, Math.max(0, shared.silentUntilMs - time.nowMs()) + extraMs);
  const release = (): string => {
    const released = held;
    cancelHeld();
    held = '';
    return released;
  };
  const lines = new LineSplitter((line) => {
    if (!passes(line) || hits('drop')) return;
    const lateMs = hits('delay') ? draw() * script.delayMs : 0;
    let bytes = hits('corrupt') ? corrupted(line, draw) : line;
    if (hits('garbage')) bytes = noise(draw) + bytes;
    if (hits('duplicate')) bytes += bytes;
    const parts = hits('split') ? pieces(bytes, draw) : [bytes];
    if (hits('merge') && held === '') {
      held = bytes;
      // A host that waits for this very line sends no next one.
      cancelHeld = time.after(script.delayMs, () => push(release(), 0));
      return;
    }
    parts.forEach((part, index) => {
      if (index === 0) push(release() + part, lateMs);
      else push(part, draw() * PIECE_MS);
    });
  });
  return {
    send: (bytes) => lines.take(bytes),
    clear: () => {
      lines.clear();
      delay.clear();
      release();
    },
  };
}
