import { boundNames } from '../../ledger/bounds.ts';
import { boundColumn } from '../../store/tables.ts';
import type { StepNews } from '../../training/training.ts';
import type { JobProgress } from '../lab.ts';
import type { WorkerNews } from '../messages.ts';

/** Steps over which the speed is measured. */
const SPEED_WINDOW_MS = 5_000;

/** Tells of a run's steps, and how far it is, from its own committed rows. */
export class LiveRun {
  readonly #runId: string;
  readonly #steps: number;
  readonly #tell: (news: WorkerNews) => void;
  readonly #boundsZJ = new Map<string, number>();
  readonly #recent: { readonly atMs: number; readonly updates: number }[] = [];
  #step = 0;
  #updates = 0;
  #energyFJ = 0;
  #testAccuracy: number | null = null;
  #backlogRows: number | null = null;

  /** `steps` is how many there will be. */
  constructor(runId: string, steps: number, tell: (news: WorkerNews) => void) {
    this.#runId = runId;
    this.#steps = steps;
    this.#tell = tell;
  }

  set backlogRows(rows: number | null) {
    this.#backlogRows = rows;
  }

  add({ step, updates }: StepNews, atMs: number): void {
    const runId = this.#runId;
    this.#step = step.step;
    this.#updates += updates.length;
    this.#testAccuracy = step.test_accuracy;
    for (const row of updates) {
      this.#energyFJ += row.energy_full_cycle_fj;
      for (const name of boundNames)
        this.#boundsZJ.set(name, (this.#boundsZJ.get(name) ?? 0) + row[boundColumn(name)]);
    }
    this.#recent.push({ atMs, updates: updates.length });
    while ((this.#recent[0]?.atMs ?? atMs) < atMs - SPEED_WINDOW_MS) this.#recent.shift();
    const { energyPerUpdateFJ, boundsPerUpdateZJ } = this.#means;
    this.#tell({
      kind: 'step',
      step: {
        runId,
        step: step.step,
        trainAccuracy: step.train_accuracy,
        testAccuracy: step.test_accuracy,
        updates: updates.length,
        updatesSoFar: this.#updates,
        energyPerUpdateFJ,
        boundsPerUpdateZJ,
        timeNs: String(step.wall_ns),
      },
    });
    if (updates.length === 0) return;
    this.#tell({
      kind: 'updates',
      updates: {
        runId,
        updates: updates.map((row) => ({
          update: row.update_id,
          cell: row.cell,
          kind: row.kind === 'SET' ? 'SET' : 'RESET',
          energyFJ: row.energy_full_cycle_fj,
          weightAfterV: row.weight_after_v,
        })),
      },
    });
  }

  get progress(): JobProgress {
    return {
      step: this.#step,
      steps: this.#steps,
      updates: this.#updates,
      testAccuracy: this.#testAccuracy,
      ...this.#means,
      updatesPerS: this.#updatesPerS,
      backlogRows: this.#backlogRows,
    };
  }

  get #means(): Pick<JobProgress, 'energyPerUpdateFJ' | 'boundsPerUpdateZJ'> {
    if (this.#updates === 0) return { energyPerUpdateFJ: null, boundsPerUpdateZJ: null };
    const meanZJ = [...this.#boundsZJ].map(([name, totalZJ]) => [name, totalZJ / this.#updates] as const);
    return {
      energyPerUpdateFJ: this.#energyFJ / this.#updates,
      boundsPerUpdateZJ: Object.fromEntries(meanZJ),
    };
  }

  get #updatesPerS(): number {
    const [first] = this.#recent;
    const last = this.#recent.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    // What came with the first took the time before it.
    const updates = this.#recent.slice(1).reduce((sum, each) => sum + each.updates, 0);
    return (updates / (last.atMs - first.atMs)) * 1e3;
  }
}
