export type Cancel = () => void;

/** The host's monotonic clock and timers, injected so that tests need not wait. */
export interface HostTime {
  nowMs(): number;
  /** Calls back once. Waiting keeps no process alive: whoever serves the board does. */
  after(delayMs: number, act: () => void): Cancel;
}

export const systemTime: HostTime = {
  nowMs: () => performance.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
