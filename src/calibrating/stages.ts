import type { CalibrationPoints } from '../chip/calibration.ts';
import type { Boot, RunRecord } from './run-record.ts';

/** A moment in a node's life that ends one stage and begins the next. */
type Mark =
  | { readonly kind: 'off'; readonly atUs: number }
  | { readonly kind: 'read'; readonly atUs: number; readonly code: number }
  | { readonly kind: 'on'; readonly atUs: number; readonly dacCode: number }
  /** What was known before says nothing of what comes. */
  | { readonly kind: 'doubt'; readonly atUs: number };

/** At the same time, a pulse ends before its node is read, and a node is read before it is pulsed. */
const ORDER: Readonly<Record<Mark['kind'], number>> = { off: 0, read: 1, doubt: 2, on: 3 };

/**
 * The points of every node of an array from the records of one measurement, oldest first. Time goes on from one record to the next
 * only where the board did not restart and ran no batch in between; else nobody knows how much of it passed.
 */
export function pointsOf(records: readonly RunRecord[]): CalibrationPoints[] {
  const spans = spansOf(records);
  const marks = spans.map((span) => ({ marks: marksOf(span), temperatureAt: thermometerOf(span) }));
  const [{ board } = { board: undefined }] = records;
  const nodes = board === undefined ? 0 : 2 * board.rows * board.columns;
  return Array.from({ length: nodes }, (_, node) => {
    const points = new StageList(node);
    for (const { marks: ofSpan, temperatureAt } of marks) {
      points.interrupt();
      for (const mark of ofSpan.get(node) ?? []) points.add(mark, temperatureAt);
    }
    return points.points;
  });
}

/** Boots of a board, in order; one that a record ended in and the next one goes on with is one. */
function spansOf(records: readonly RunRecord[]): Boot[] {
  const spans: Boot[] = [];
  for (const { board, boots } of records) {
    for (const boot of boots) {
      const last = spans.at(-1);
      // What the board said when it was greeted: the same boot, and nobody else's batch since.
      const goesOn =
        last?.bootNonce === boot.bootNonce &&
        last.bootNonce === board.bootNonce &&
        last.lastBatch === board.lastBatch &&
        latestUs(last) <= board.boardTimeUs;
      if (goesOn) spans[spans.length - 1] = joined(last, boot);
      else spans.push(boot);
    }
  }
  return spans;
}

const joined = (one: Boot, next: Boot): Boot => ({
  bootNonce: one.bootNonce,
  readings: [...one.readings, ...next.readings],
  pulses: [...one.pulses, ...next.pulses],
  doubts: [...one.doubts, ...next.doubts],
  temperatures: [...one.temperatures, ...next.temperatures],
  lastBatch: next.lastBatch,
});

const latestUs = ({ readings, pulses }: Boot): number =>
  [...readings.map(({ atUs }) => atUs), ...pulses.map(({ after }) => after.atUs)].reduce(
    (latest, atUs) => Math.max(latest, atUs),
    0,
  );

/** Of each node, what happened to it in order of time. */
function marksOf({ readings, pulses, doubts }: Boot): ReadonlyMap<number, readonly Mark[]> {
  const byNode = new Map<number, Mark[]>();
  const add = (node: number, ...marks: readonly Mark[]) => {
    const known = byNode.get(node);
    if (known === undefined) byNode.set(node, [...marks]);
    else known.push(...marks);
  };
  for (const { node, atUs, code } of readings) add(node, { kind: 'read', atUs, code });
  for (const { node, startUs, endUs, dacCode, before, after } of pulses) {
    add(
      node,
      { kind: 'read', ...before },
      { kind: 'on', atUs: startUs, dacCode },
      { kind: 'off', atUs: endUs },
      { kind: 'read', ...after },
    );
  }
  for (const { node, afterUs } of doubts) add(node, { kind: 'doubt', atUs: afterUs });
  for (const marks of byNode.values())
    marks.sort((one, other) => one.atUs - other.atUs || ORDER[one.kind] - ORDER[other.kind]);
  return byNode;
}

type Thermometer = (atUs: number) => number | null;

/** Temperature of the chip at a board time, between the readings on a straight line; null where the board told none. */
function thermometerOf({ temperatures }: Boot): Thermometer {
  const [first] = temperatures;
  const last = temperatures.at(-1);
  if (first === undefined || last === undefined) return () => null;
  return (atUs) => {
    const next = temperatures.findIndex((each) => each.atUs > atUs);
    if (next === 0) return first.temperatureK;
    const [before, after] = [temperatures[next - 1], temperatures[next]];
    if (before === undefined || after === undefined) return last.temperatureK;
    const share = (atUs - before.atUs) / (after.atUs - before.atUs);
    return before.temperatureK + share * (after.temperatureK - before.temperatureK);
  };
}

/** Stages of one node as they are found. */
class StageList {
  readonly points: {
    node: number;
    durationUs: (number | null)[];
    dacCode: number[];
    temperatureK: (number | null)[];
    code: (number | null)[];
  };
  #atUs = 0;
  #dacCode = 0;
  #isKnown = false;

  constructor(node: number) {
    this.points = { node, durationUs: [], dacCode: [], temperatureK: [], code: [] };
  }

  /** Whatever comes next stands for itself. */
  interrupt(): void {
    this.#isKnown = false;
    this.#dacCode = 0;
  }

  add(mark: Mark, temperatureAt: Thermometer): void {
    switch (mark.kind) {
      case 'doubt':
        this.interrupt();
        return;
      case 'read':
        this.#end(mark.atUs, mark.code, temperatureAt);
        return;
      default:
        if (this.#isKnown && mark.atUs > this.#atUs) this.#end(mark.atUs, null, temperatureAt);
        this.#dacCode = mark.kind === 'on' ? mark.dacCode : 0;
    }
  }

  #end(atUs: number, code: number | null, temperatureAt: Thermometer): void {
    const { points } = this;
    const isFirst = points.code.length === 0;
    const now = temperatureAt(atUs);
    const before = this.#isKnown ? temperatureAt(this.#atUs) : now;
    points.durationUs.push(this.#isKnown ? atUs - this.#atUs : isFirst ? 0 : null);
    points.dacCode.push(this.#dacCode);
    points.temperatureK.push(now === null || before === null ? null : (now + before) / 2);
    points.code.push(code);
    this.#atUs = atUs;
    this.#isKnown = true;
  }
}
