import { chain, type Stage } from './channel.ts';
import type { FaultScript, ScheduledFault } from './fault-script.ts';
import { type HostTime, systemTime } from './host-time.ts';
import { jittered } from './jitter.ts';
import { faultyToBoard, faultyToHost, SharedFaults } from './line-faults.ts';
import type { MockBoard } from './mock-board.ts';
import { paced } from './pace.ts';
import { type Uniform, uniformStream } from './random.ts';
import type { WireEnd } from './wire-end.ts';

/** What lies between a board and its host. */
export interface WireConditions {
  /** Pace of each direction at ten bits a byte; as fast as it goes where absent. */
  readonly baud?: number | undefined;
  /** Each line of each direction comes up to so much later. */
  readonly jitterMs?: number | undefined;
  readonly faults?: FaultScript | undefined;
  /** Decides jitter, and faults whose script has no seed of its own. */
  readonly seed?: number | undefined;
}

/** The first host's end of a wire to the board: the board itself where there are no conditions. */
export function wireOf(board: MockBoard, conditions: WireConditions, time: HostTime = systemTime): WireEnd {
  const { faults, seed = 1 } = conditions;
  const shared = new SharedFaults();
  const { end, toHost } = wireTo(board, conditions, shared, time);
  if (faults !== undefined && faults.at.length > 0) {
    schedule(faults.at, board, {
      send: toHost,
      unplug: (forMs) => end.onUnplug?.(forMs),
      stall: (forMs) => {
        shared.silentUntilMs = time.nowMs() + forMs;
      },
      draw: uniformStream(faults.seed ?? seed, 'schedule'),
    });
  }
  return end;
}

/** The end of a wire for one host more, until it leaves: the same conditions, but what is scheduled happens once a board. */
export function joinedWire(
  board: MockBoard,
  conditions: WireConditions,
  time: HostTime = systemTime,
): { readonly end: WireEnd; leave(): void } {
  const { end: port, leave } = board.join();
  return { end: wireTo(port, conditions, new SharedFaults(), time).end, leave };
}

function wireTo(
  board: WireEnd,
  { baud, jitterMs = 0, faults, seed = 1 }: WireConditions,
  shared: SharedFaults,
  time: HostTime,
): { readonly end: WireEnd; readonly toHost: (bytes: string) => void } {
  if (baud === undefined && jitterMs === 0 && faults === undefined)
    return { end: board, toHost: (bytes) => board.onSend(bytes) };
  const pace = baud === undefined ? [] : [paced(baud, time)];
  const jitter = (direction: 'to-board' | 'to-host'): Stage[] =>
    jitterMs === 0 ? [] : [jittered(jitterMs, uniformStream(seed, `jitter ${direction}`), time)];
  const faultsOf = (direction: 'to-board' | 'to-host') => {
    if (faults === undefined) return [];
    const draw = uniformStream(faults.seed ?? seed, `faults ${direction}`);
    const stage = direction === 'to-board' ? faultyToBoard : faultyToHost;
    return [stage({ script: faults, shared, draw, time })];
  };

  const end: WireEnd = { receive: (bytes) => toBoard.send(bytes), onSend: () => {} };
  // Faults come after jitter, which would put pieces of a line together again.
  const toBoard = chain([...pace, ...jitter('to-board'), ...faultsOf('to-board')], (bytes) =>
    board.receive(bytes),
  );
  const toHost = chain([...jitter('to-host'), ...faultsOf('to-host'), ...pace], (bytes) => end.onSend(bytes));
  end.unplugged = () => {
    toBoard.clear();
    toHost.clear();
  };
  board.onSend = (bytes) => toHost.send(bytes);
  return { end, toHost: (bytes) => toHost.send(bytes) };
}

interface Acts {
  send(bytes: string): void;
  unplug(forMs: number): void;
  stall(forMs: number): void;
  readonly draw: Uniform;
}

/** Lets faults happen when the board has emitted their number of pulses from here on. */
function schedule(
  faults: readonly ScheduledFault[],
  board: MockBoard,
  { send, unplug, stall, draw }: Acts,
): void {
  const waiting = [...faults].sort((one, other) => one.afterPulses - other.afterPulses);
  const before = board.totalPulses;
  let isRebootDue = false;

  board.onSlot = () => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (next.afterPulses > board.totalPulses - before) return;
      waiting.shift();
      if (next.fault === 'unplug') unplug(next.forMs);
      else if (next.fault === 'stall') stall(next.forMs);
      else if (next.fault === 'brown-out') board.brownOut(next.slots);
      else if (next.fault === 'button' || next.fault === 'interlock')
        board.bringToRest({ restCause: next.fault, restHost: 0 });
      else isRebootDue = true;
    }
  };
  // What the board sends first after a slot is the reply to its batch.
  board.onSend = (bytes) => {
    const isReboot = isRebootDue;
    isRebootDue = false;
    if (!isReboot || draw() < 0.5) send(bytes);
    if (isReboot) board.reboot();
  };
}
