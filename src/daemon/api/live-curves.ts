import type { Observable } from 'rxjs';
import { Curve, type CurvePoint } from '../curve.ts';
import type { LabEvent } from '../lab.ts';

/** Jobs whose course is remembered. */
const MOST_JOBS = 64;

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
    const known = this.#byJob.get(job);
    if (known !== undefined) return known;
    const curve = new Curve();
    this.#byJob.set(job, curve);
    const [oldest] = this.#byJob.keys();
    if (this.#byJob.size > MOST_JOBS && oldest !== undefined) this.#byJob.delete(oldest);
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
