import { FnloopError } from '../../core/errors.ts';
import { MeasuredTotal } from '../../ledger/measured-total.ts';
import type { NewRow } from '../../store/tables.ts';
import type { Wish, Wishes } from '../../training/outside-steps.ts';
import type { StepNews } from '../../training/training.ts';
import type { AppliedChange, OutsideChange } from '../lab.ts';

interface Request {
  readonly wishes: readonly Wish[];
  resolve(news: StepNews): void;
  reject(error: unknown): void;
}

/** Between a trainer outside and the run that does what it wants: one step for each request, in their order. */
export class OutsideTrainer implements Wishes {
  readonly #idleMs: number;
  readonly #waiting: Request[] = [];
  readonly #ready: Promise<void>;
  #isReady = () => {};
  #underWay: Request | undefined;
  #wake = () => {};
  #isNudged = false;
  #ended: unknown;
  #timer: NodeJS.Timeout | undefined;
  #last: StepNews | undefined;

  /** Ends by itself when nothing is asked for `idleMs`. */
  constructor(idleMs: number) {
    this.#idleMs = idleMs;
    this.#ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
  }

  /** Resolves once the run takes requests. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get isOver(): boolean {
    return this.#ended !== undefined;
  }

  /** Throws where the session is over. */
  assertOpen(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  async next(): Promise<readonly Wish[] | undefined> {
    this.#isReady();
    if (this.#waiting.length === 0 && this.#ended === undefined && !this.#isNudged) {
      this.#timer = setTimeout(
        () => this.end(overBecause(`nothing was asked for ${this.#idleMs} ms`)),
        this.#idleMs,
      );
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      clearTimeout(this.#timer);
    }
    this.#underWay = this.#isNudged ? undefined : this.#waiting.shift();
    const isEmptyStep = this.#isNudged && this.#ended === undefined;
    this.#isNudged = false;
    return isEmptyStep ? [] : this.#underWay?.wishes;
  }

  /** Hears of each step of the run once it is on disk. */
  onStep(news: StepNews): void {
    this.#last = news;
    this.#underWay?.resolve(news);
    this.#underWay = undefined;
  }

  /** Has the run look up from waiting: it does an empty step, and sees what holds it. */
  nudge(): void {
    this.#isNudged = true;
    this.#wake();
  }

  /** What the cells hold, read now. */
  async weights(): Promise<StepNews> {
    return this.#ask([]);
  }

  /** Rejects with `usage` for cells that are not the session's. */
  async apply(changes: readonly OutsideChange[]): Promise<readonly AppliedChange[]> {
    const before = this.#last;
    const cells = new Set(before?.weights.map(({ cell }) => cell));
    const strange = changes.find(({ cell, wantedV }) => !cells.has(cell) || !Number.isFinite(wantedV));
    if (strange !== undefined)
      throw new FnloopError(
        'usage',
        `The session has no cell ${strange.cell} that could change by ${strange.wantedV} V.`,
      );
    if (new Set(changes.map(({ cell }) => cell)).size < changes.length)
      throw new FnloopError('usage', 'A cell is to be changed twice at a time.');
    if (changes.length === 0) return [];
    const after = await this.#ask(changes);
    return changes.map((change) => appliedOf(change, before, after));
  }

  /** No more is wanted: the run ends, and what still waits is refused. */
  end(reason: unknown): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
    this.#wake();
  }

  /** The run is over: a request that was under way has no answer. */
  fail(reason: unknown): void {
    this.end(reason);
    this.#underWay?.reject(reason);
    this.#underWay = undefined;
    this.#isReady();
  }

  #ask(wishes: readonly Wish[]): Promise<StepNews> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ wishes, resolve, reject });
      this.#wake();
    });
  }
}

export const overBecause = (reason: string): FnloopError =>
  new FnloopError('usage', `The session is over: ${reason}.`);

function appliedOf(
  { cell, wantedV }: OutsideChange,
  before: StepNews | undefined,
  after: StepNews,
): AppliedChange {
  const held = (news: StepNews | undefined) =>
    news?.weights.find((weight) => weight.cell === cell)?.weightV ?? 0;
  const rows = after.updates.filter((row) => row.cell === cell);
  const energy = new MeasuredTotal();
  for (const row of rows) energy.add(row.kind === 'SET' ? 0 : 1, fullCycle(row));
  const { total, sigma } = energy.statistic;
  return {
    cell,
    wantedV,
    appliedV: held(after) - held(before),
    pulses: rows.reduce((sum, { pulses }) => sum + pulses, 0),
    energyFJ: total,
    sigmaFJ: (sigma ?? 0) * rows.length,
  };
}

const fullCycle = (row: NewRow<'updates'>) => ({
  value: row.energy_full_cycle_fj,
  noiseSigma: row.energy_full_cycle_noise_sigma_fj,
  nodeSigma: row.energy_full_cycle_node_sigma_fj,
  commonSigma: row.energy_full_cycle_common_sigma_fj,
});
