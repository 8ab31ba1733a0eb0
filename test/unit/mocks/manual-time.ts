import type { HostTime } from '../../../mocks/index.ts';

/** Host time that passes only when a test says so; timers fire in the order in which they are due. */
export function manualTime(): HostTime & { advance(ms: number): void } {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly act: () => void }>();
  return {
    nowMs: () => nowMs,
    after: (delayMs, act) => {
      const timer = { dueMs: nowMs + delayMs, act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.act();
      }
      nowMs = endMs;
    },
  };
}
