import type { Cancel, HostTime } from './host-time.ts';

/** Time of a board since its chip was made, whole us. It never goes back, also when the firmware starts anew. */
export interface BoardTime {
  readonly kind: 'virtual' | 'real';
  nowUs(): number;
  /** True once `us` is reached; virtual time moves there at once. */
  reach(us: number): boolean;
  /** Calls back about when `us` is reached. */
  when(us: number, act: () => void): Cancel;
  skip(us: number): void;
}

/** Passes only by what the board does: a pulse of 0.2 s costs no wall time. */
export function virtualTime(startUs: number): BoardTime {
  let nowUs = startUs;
  return {
    kind: 'virtual',
    nowUs: () => nowUs,
    reach: (us) => {
      nowUs = Math.max(nowUs, us);
      return true;
    },
    when: (us, act) => {
      nowUs = Math.max(nowUs, us);
      act();
      return () => {};
    },
    skip: (us) => {
      nowUs += us;
    },
  };
}

/** Host time by a crystal that runs `skewPpm` fast. */
export function realTime(host: HostTime, skewPpm: number, startUs: number): BoardTime {
  const startMs = host.nowMs();
  const usPerMs = 1e3 * (1 + skewPpm / 1e6);
  let skippedUs = startUs;
  const nowUs = () => Math.floor((host.nowMs() - startMs) * usPerMs) + skippedUs;
  return {
    kind: 'real',
    nowUs,
    reach: (us) => nowUs() >= us,
    // Rounded up to the timer's whole milliseconds: waking early would only mean waiting once more.
    when: (us, act) => host.after(Math.min(MAX_WAIT_MS, Math.ceil((us - nowUs()) / usPerMs)), act),
    skip: (us) => {
      skippedUs += us;
    },
  };
}

/** Node's timers take no longer wait; who is woken too early waits again. */
const MAX_WAIT_MS = 0x7fffffff;
