/** The host's two clocks. Board time is a third one and never compared with them here. */
export interface Clock {
  /** Monotonic, ms: deadlines and durations. */
  nowMs(): number;
  /** Wall clock, ns since 1970: records. */
  wallNs(): bigint;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallNs: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n,
};
