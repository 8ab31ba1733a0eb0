import type { Observable } from 'rxjs';
import { Curve, type CurvePoint } from '../curve.ts';
import type { LabEvent } from '../lab.ts';

/** Jobs whose course is remembered: those that had a step last. */
export const MOST_JOBS = 32;

/** The course of jobs since this daemon has them: their run files are closed to readers while they are written. */
export class LiveCurves {
  readonly #byJob = new Map<string, Curve>();

  constructor(events$: Observable<LabEvent>) {
    events$.subscribe((event) => {
      if (event.kind === 'step') this.#of(event.job).add(pointOf(event));
    });
  }

  pointsOf(job: string): readonly CurvePoint[] {
    return this.#byJob.get(job)?.points ?? [];
  }

  #of(job: string): Curve {
    const curve = this.#byJob.get(job) ?? new Curve();
    // The latest is the last of the map, so that a long run is not forgotten for many short ones.
    this.#byJob.delete(job);
    this.#byJob.set(job, curve);
    const [stalest] = this.#byJob.keys();
    if (this.#byJob.size > MOST_JOBS && stalest !== undefined) this.#byJob.delete(stalest);
    return curve;
  }
}

/** What of a step belongs on its curve. */
const pointOf = ({
  step,
  trainAccuracy,
  testAccuracy,
  updatesSoFar,
  energyPerUpdateFJ,
  boundsPerUpdateZJ,
}: CurvePoint): CurvePoint => ({
  step,
  trainAccuracy,
  testAccuracy,
  updatesSoFar,
  energyPerUpdateFJ,
  boundsPerUpdateZJ,
});
