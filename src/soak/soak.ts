import type { Device } from '../../calibration/devices.ts';
import type { Board } from '../board/board.ts';
import { convertersOf } from '../board/converters.ts';
import { cellCount } from '../board/limits.ts';
import type { ArrayReading, DefinedWave, Wave } from '../board/types.ts';
import { nominalChip } from '../chip/chip-model.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Clock } from '../core/clock.ts';
import { seededRandom } from '../core/random.ts';
import { Ledger } from '../ledger/account.ts';
import { UpdateBounds } from '../ledger/bounds.ts';
import { type ExecutedUpdate, Runner } from '../scheduling/runner.ts';
import { CellWitness } from '../settling/cell-witness.ts';
import type { RunFile } from '../store/run-file.ts';
import { UntrainedRows } from '../store/untrained-rows.ts';
import { randomUpdates } from './random-updates.ts';

export interface SoakSettings {
  /** Updates in all, over all processes that work on this run file. */
  readonly updates: number;
  /** Updates between two readings of the array. */
  readonly stepUpdates: number;
  readonly seed: number;
  readonly amplitudeV: number;
  readonly widthUs: number;
  /** Gives batches start times, the first of each step so long after now, ms; absent: as soon as they can be. */
  readonly leadMs?: number | undefined;
  readonly accounting: Experiment['accounting'];
}

export interface SoakParts {
  readonly board: Board;
  readonly runFile: RunFile;
  readonly device: Device;
  readonly settings: SoakSettings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of updates that are on disk. */
  readonly onStep: (updatesDone: number) => void;
}

/** Where a soak goes on that another process began. */
interface Progress {
  readonly updates: number;
  readonly lastUpdate: number;
  readonly lastIntent: number;
  readonly lastStep: number;
  readonly rows: UntrainedRows;
}

/** Random updates on all cells of a board, each accounted for, until there are as many as asked for. */
export class Soak {
  readonly #parts: SoakParts;
  readonly #waves = new Map<number, DefinedWave>();
  readonly #witness: CellWitness;
  readonly #ledger: Ledger;

  constructor(parts: SoakParts) {
    this.#parts = parts;
    this.#witness = new CellWitness(parts.board, nominalChip(parts.device), this.#waves);
    this.#ledger = new Ledger(nominalChip(parts.device), convertersOf(parts.board.identity));
  }

  /** Works to the last update, or to the abort signal; says which. The board is left armed: its owner closes it. */
  async run(): Promise<'finished' | 'interrupted'> {
    const { board, runFile, settings, signal, onStep } = this.#parts;
    const progress = await this.#progress();
    await board.claim();
    for (const wave of await board.define(wavesOf(settings))) this.#waves.set(wave.wave, wave);
    await runFile.waves([...this.#waves.values()]);
    await board.arm();
    const runner = new Runner({
      board,
      journal: runFile,
      witness: this.#witness,
      gapUs: 0,
      leadMs: settings.leadMs,
      intents: progress.lastIntent,
    });
    let before = await this.#witness.refresh();
    await runFile.reading(progress.lastStep, before);
    let done = progress.updates;
    let nextUpdate = progress.lastUpdate + 1;
    let recording: Promise<void> = Promise.resolve();
    for (let step = progress.lastStep + 1; done < settings.updates && !signal.aborted; step += 1) {
      const planned = randomUpdates(
        Math.min(settings.stepUpdates, settings.updates - done),
        { firstUpdate: nextUpdate, cells: cellCount(board.identity), waves: [...this.#waves.keys()] },
        seededRandom(settings.seed, `soak ${step} ${nextUpdate}`),
      );
      nextUpdate += planned.length;
      const { executed, following: after } = await runner.executeThen(
        planned,
        step,
        () => this.#witness.refresh(),
        signal,
      );
      await recording;
      onStep(done);
      recording = this.#record(step, executed, before, after, progress.rows);
      // Awaited in the next round; what fails there must not pass for unhandled before.
      recording.catch(() => {});
      done += executed.length;
      before = after;
    }
    await recording;
    onStep(done);
    return done >= settings.updates ? 'finished' : 'interrupted';
  }

  async #progress(): Promise<Progress> {
    const { board, runFile, settings } = this.#parts;
    const [found] = await runFile.query<Omit<Progress, 'rows'>>(`
      SELECT (SELECT count(*) FROM updates) AS updates,
             (SELECT coalesce(max(update_id), 0) FROM updates) AS "lastUpdate",
             (SELECT coalesce(max(intent), 0) FROM intents) AS "lastIntent",
             (SELECT coalesce(max(step), 0) FROM intents) AS "lastStep"`);
    const counts = await runFile.query<{ cell: number; updates: number }>(
      'SELECT cell, count(*) AS updates FROM updates GROUP BY cell',
    );
    const rows = new UntrainedRows({
      accounting: { ledger: this.#ledger, waves: this.#waves, bounds: new UpdateBounds(settings.accounting) },
      converters: convertersOf(board.identity),
      purpose: 'soak',
      updatesOfCell: new Map(counts.map(({ cell, updates }) => [cell, updates])),
    });
    return { updates: 0, lastUpdate: 0, lastIntent: 0, lastStep: 0, ...found, rows };
  }

  #record(
    step: number,
    executed: readonly ExecutedUpdate[],
    before: ArrayReading,
    after: ArrayReading,
    rows: UntrainedRows,
  ): Promise<void> {
    const { board, runFile, clock } = this.#parts;
    const updates = rows.updates(step, executed, before, after);
    const row = rows.step(step, updates, { before, after }, clock.wallNs());
    return runFile.record({ step: row, reading: after, updates, link: board.statistics });
  }
}

/** Two widths, so that batches carry more than one wave. */
const wavesOf = ({ amplitudeV, widthUs }: SoakSettings): Wave[] =>
  [1, 2].map((times, wave) => ({ wave, amplitudeV, widthUs: times * widthUs }));
