/** State of a run after a step; energy and bounds are means over all updates so far. */
export interface CurvePoint {
  readonly step: number;
  readonly trainAccuracy: number | null;
  readonly testAccuracy: number | null;
  readonly updatesSoFar: number;
  readonly energyPerUpdateFJ: number | null;
  readonly boundsPerUpdateZJ: Readonly<Record<string, number>> | null;
}

/** More points than these are not seen on a chart. */
export const MOST_POINTS = 1_000;

/** The course of a run, point by point: of a long run those of every second, fourth, eighth step, and always the last. */
export class Curve {
  #kept: CurvePoint[] = [];
  #last: CurvePoint | undefined;
  #each = 1;

  /** A step that is not beyond the last one begins the course anew from there. */
  add(point: CurvePoint): void {
    if (this.#last !== undefined && point.step <= this.#last.step)
      this.#kept = this.#kept.filter(({ step }) => step < point.step);
    this.#last = point;
    if (point.step % this.#each === 0) this.#kept.push(point);
    while (this.#kept.length > MOST_POINTS) {
      this.#each *= 2;
      this.#kept = this.#kept.filter(({ step }) => step % this.#each === 0);
    }
  }

  /** In the order of steps. */
  get points(): readonly CurvePoint[] {
    const last = this.#last;
    return last === undefined || this.#kept.at(-1) === last ? this.#kept : [...this.#kept, last];
  }
}
