import type { SettledBatch } from '../scheduling/journal.ts';

/** A time on the board's clock, us, of one boot. */
export interface BoardMoment {
  readonly bootNonce: number;
  readonly boardTimeUs: number;
}

/** A time on the board's clock and where it lies on the record's, ns since 1970. */
export interface Anchor extends BoardMoment {
  readonly timeNs: bigint;
}

/** Tables whose rows have a time of their own. */
export const timedTables = ['updates', 'steps', 'link', 'events'] as const;
export type TimedTable = (typeof timedTables)[number];

export interface RecordTimesParts {
  /** A virtual clock runs from where the run began; a real one follows the wall clock, step by step. */
  readonly clock: 'real' | 'virtual';
  readonly anchor: Anchor | undefined;
  /** The latest time of each table so far. */
  readonly latestNs: ReadonlyMap<TimedTable, bigint>;
}

const NS_PER_US = 1e3;

/**
 * Says when the rows of a record were: board time mapped to wall time, strictly rising within each table, so that table and time
 * name a row for good. It is said once, when the row is written.
 */
export class RecordTimes {
  readonly #clock: RecordTimesParts['clock'];
  readonly #latestNs: Map<TimedTable, bigint>;
  /** Board times at which updates that are not recorded yet began. */
  readonly #begun = new Map<number, BoardMoment>();
  #anchor: Anchor | undefined;

  constructor({ clock, anchor, latestNs }: RecordTimesParts) {
    this.#clock = clock;
    this.#anchor = anchor;
    this.#latestNs = new Map(latestNs);
  }

  /** Remembers when the updates of an executed batch began. Its slots are taken as equally long. */
  note({ batch, bootNonce, verdict }: SettledBatch): void {
    if (verdict.kind !== 'executed') return;
    const { startedUs, boardTimeUs, slotsDone } = verdict.outcome;
    const slotUs = (boardTimeUs - startedUs) / Math.max(1, slotsDone);
    for (const { update, slot } of batch.pulses) {
      if (slot >= slotsDone || this.#begun.has(update)) continue;
      this.#begun.set(update, { bootNonce, boardTimeUs: startedUs + slot * slotUs });
    }
  }

  /** Takes the end of a step as where the board's clock now stands; returns its time. */
  step(moment: BoardMoment, wallNs: bigint): bigint {
    if (this.#clock === 'real') this.#anchor = { ...moment, timeNs: wallNs };
    else if (this.#anchor?.bootNonce !== moment.bootNonce) {
      // The board's clock began anew, at 0.
      const timeNs = this.#now(this.#anchor?.timeNs ?? wallNs);
      this.#anchor = { bootNonce: moment.bootNonce, boardTimeUs: 0, timeNs };
    }
    return this.#next('steps', this.#mapped(moment) ?? wallNs);
  }

  /** Times of updates, in the order given: of what began at the same time, each is a nanosecond after the one before it. */
  updates(updates: readonly number[]): bigint[] {
    let candidateNs = 0n;
    const candidates = updates.map((update) => {
      const begun = this.#begun.get(update);
      this.#begun.delete(update);
      // One of which nothing is known stands beside the one before it.
      candidateNs = (begun === undefined ? undefined : this.#mapped(begun)) ?? candidateNs;
      return candidateNs;
    });
    const times = new Array<bigint>(updates.length);
    for (const index of inOrder(candidates)) times[index] = this.#next('updates', candidates[index] ?? 0n);
    return times;
  }

  /** The time of something at this wall time; on virtual time, where the board's clock was last known to stand. */
  other(table: 'events' | 'link', wallNs: bigint): bigint {
    return this.#next(table, this.#clock === 'real' ? wallNs : this.#now(wallNs));
  }

  #mapped({ bootNonce, boardTimeUs }: BoardMoment): bigint | undefined {
    if (this.#anchor?.bootNonce !== bootNonce) return undefined;
    return this.#anchor.timeNs + BigInt(Math.round((boardTimeUs - this.#anchor.boardTimeUs) * NS_PER_US));
  }

  #now(otherwiseNs: bigint): bigint {
    let latestNs = 0n;
    for (const ns of this.#latestNs.values()) if (ns > latestNs) latestNs = ns;
    return latestNs === 0n ? (this.#anchor?.timeNs ?? otherwiseNs) : latestNs;
  }

  #next(table: TimedTable, candidateNs: bigint): bigint {
    const latestNs = this.#latestNs.get(table);
    const timeNs = latestNs !== undefined && candidateNs <= latestNs ? latestNs + 1n : candidateNs;
    this.#latestNs.set(table, timeNs);
    return timeNs;
  }
}

/** Indices of the times from the earliest to the latest, equal ones as they stand. */
function inOrder(timesNs: readonly bigint[]): number[] {
  const indices = timesNs.map((_, index) => index);
  const isInOrder = timesNs.every((ns, index) => index === 0 || ns >= (timesNs[index - 1] ?? 0n));
  if (isInOrder) return indices;
  return indices.sort((one, other) => {
    const [oneNs = 0n, otherNs = 0n] = [timesNs[one], timesNs[other]];
    return oneNs < otherNs ? -1 : oneNs > otherNs ? 1 : one - other;
  });
}
