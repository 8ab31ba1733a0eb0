import type { BoardStatus } from './lab.ts';

/** Whether the daemon does what it is for. */
export interface Health {
  readonly isWell: boolean;
  /** Why it does not; each a sentence. */
  readonly reasons: readonly string[];
}

/** An event loop that is this late does not look after anything. */
const LATE_MS = 1_000;

/** A board that is absent is no fault of the daemon; one that fails, and a disk that is full, are to be looked at. */
export function healthOf(parts: {
  readonly boards: readonly BoardStatus[];
  readonly halt: string | undefined;
  readonly eventLoopP99Ms: number;
}): Health {
  const { boards, halt, eventLoopP99Ms } = parts;
  const reasons = [
    ...(halt === undefined ? [] : [halt]),
    ...(eventLoopP99Ms > LATE_MS ? [`The event loop is ${Math.round(eventLoopP99Ms)} ms late.`] : []),
    ...boards
      .filter(({ state }) => state === 'fault')
      .map(({ name, reason }) => `Board ${name} has a fault: ${reason ?? 'unknown'}`),
  ];
  return { isWell: reasons.length === 0, reasons };
}
