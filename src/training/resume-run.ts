import type { Board } from '../board/board.ts';
import { convertersOf } from '../board/converters.ts';
import { cellCount } from '../board/limits.ts';
import type { ArrayReading } from '../board/types.ts';
import { chipOf } from '../chip/calibration-record.ts';
import { USUAL_SIGN } from '../chip/weight-sign.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError } from '../core/errors.ts';
import { plain } from '../core/format.ts';
import type { NodeUsage } from '../scheduling/node-usage.ts';
import { accountLate } from '../settling/account-late.ts';
import { compareCells, type FoundCells, MOST_SIGMAS } from '../settling/cell-agreement.ts';
import { settleRun } from '../settling/settle-run.ts';
import { type Interruption, settledAfter } from '../store/interruptions.ts';
import type { Manifest } from '../store/manifest.ts';
import type { Companion, RunFile } from '../store/run-file.ts';
import { usageOf } from '../store/run-usage.ts';
import type { ReopenedHistory } from './board-history.ts';
import { cellModel } from './cell-model.ts';
import type { Hold } from './holding.ts';
import { interruptedState } from './interrupted-state.ts';
import { type CutPulse, ofCells, recordedRun } from './resume-point.ts';
import { endedInOrder } from './run-experiment.ts';
import { stepRow } from './step-row.ts';
import type { Task } from './task.ts';
import { type StepNews, Training } from './training.ts';

export interface ResumeParts {
  readonly manifest: Manifest;
  readonly experiment: Experiment;
  readonly task: Task;
  readonly board: Board;
  /** The file of the run, opened again. */
  readonly runFile: RunFile;
  readonly history: ReopenedHistory;
  readonly companion?: Companion | undefined;
  /** Goes on even where most cells are not what they were. */
  readonly acceptChanges: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Lets the run rest between steps; absent where nobody holds it. */
  readonly hold?: Hold | undefined;
  readonly onStep: (news: StepNews) => void;
  /** Told what a person should know before the run goes on. */
  readonly onNote: (sentence: string) => void;
}

/** What was found out before the first step of this session. */
interface Findings {
  readonly reading: ArrayReading;
  readonly found: FoundCells;
  readonly usage: NodeUsage;
}

/**
 * Goes on with a run that was interrupted, in its own file: finds out what became of it and of its cells, records that, and trains from
 * the next step to the last. Whatever happens, the run file is closed. Rejects with `config-invalid`
 * for another board and `chip-unfit` for other cells before anything is sent that changes cells; the run is then as it was, but that its
 * open batches are settled.
 */
export async function resumeRun(parts: ResumeParts): Promise<'finished' | 'interrupted'> {
  const { runFile, history } = parts;
  const findings = await findOut(parts).catch((failure: unknown) => {
    runFile.close();
    throw failure;
  });
  return history.charging(findings.usage, (past) => endedInOrder(parts, () => goOn(parts, findings, past)));
}

async function findOut(parts: ResumeParts): Promise<Findings> {
  const { manifest, board, runFile, acceptChanges, onNote } = parts;
  assertSameBoard(board, manifest);
  const chip = chipOf(manifest.device, manifest.calibration);
  await board.claim();
  await settleRun(runFile, board, chip);
  await accountLate(runFile, manifest, 'train');
  const reading = await board.read(Array.from({ length: cellCount(board.identity) }, (_, cell) => cell));
  const found = await compareCells(runFile, board, chip, reading);
  assertUnchanged(parts, found, acceptChanges);
  const { disagreeing, cells, largestSigmas } = found.agreement;
  if (disagreeing.length > 0)
    onNote(
      `Warning: ${disagreeing.length} of ${cells} cells are not what the record and the device model expect, by more than ${MOST_SIGMAS} sigmas, the furthest by ${plain(largestSigmas ?? 0)}: cells ${disagreeing.join(', ')}.`,
    );
  const { nodes: usage } = await usageOf(runFile);
  return { reading, found, usage };
}

async function goOn(
  parts: ResumeParts,
  findings: Findings,
  past: NodeUsage,
): Promise<'finished' | 'interrupted'> {
  const { manifest, experiment, task, board, runFile, companion, clock, signal, hold, onStep } = parts;
  const { reading, found } = findings;
  const { cells = [], weightSign: sign, calibration, device } = manifest;
  const chip = chipOf(device, calibration);
  const model = cellModel(chip, convertersOf(board.identity), sign ?? chip.weightSign ?? USUAL_SIGN);
  const record = await recordedRun(runFile, cells);
  const known = new Map(found.known.map((each) => [each.cell, each]));
  const moved = ofCells(reading, cells).cells.flatMap((now) => {
    const before = known.get(now.cell);
    return before === undefined ? [] : [{ cell: now.cell, byV: model.weightV(now) - model.weightV(before) }];
  });
  const { state, cut } = interruptedState(
    { experiment, task, board: board.identity, chip, model },
    record,
    moved,
  );
  const interruption = await interruptionOf(parts, findings, record.lastStep, cut !== undefined);
  if (companion !== undefined) await runFile.accompany(companion);
  let { lastStep } = record;
  if (cut !== undefined) {
    lastStep += 1;
    const row = stepRow(
      { step: lastStep, ...cut, updates: countOf(record.cut), pulses: record.cut.length, overhead: null },
      ofCells(reading, cells),
      { judge: { task, weightPerVolt: experiment.model.weightPerVolt }, model, wallNs: clock.wallNs() },
    );
    await runFile.record({ step: row, reading, updates: [], link: board.statistics, hostState: state });
  }
  await runFile.resume({
    step: lastStep,
    reading: cut === undefined ? reading : undefined,
    hostState: state,
    interruption,
  });
  const from = { record: { ...record, lastStep }, state, sign, reading };
  const training = new Training({
    board,
    runFile,
    experiment,
    chip,
    lesson: { kind: 'task', experiment, task },
    cells,
    past,
    from,
    clock,
    signal,
    hold,
  });
  const subscription = training.news$.subscribe(onStep);
  return training.run().finally(() => subscription.unsubscribe());
}

async function interruptionOf(
  { runFile, board, clock, manifest }: ResumeParts,
  { found, reading }: Findings,
  afterStep: number,
  isCut: boolean,
): Promise<Interruption> {
  const [{ lastNs = 0 } = {}] = await runFile.query<{ lastNs: bigint | number }>(`
    SELECT greatest((SELECT max(wall_ns) FROM steps), (SELECT coalesce(max(committed_wall_ns), 0) FROM intents)) AS "lastNs"`);
  const [{ late = 0 } = {}] = await runFile.query<{ late: number }>(
    `SELECT count(*) AS late FROM updates WHERE step > ${afterStep}`,
  );
  const endedNs = BigInt(manifest.endedWallNs ?? 0);
  const interruptedNs = endedNs > BigInt(lastNs) ? endedNs : BigInt(lastNs);
  const resumedNs = clock.wallNs();
  const { boardS, agreement } = found;
  return {
    afterStep,
    cutStep: isCut ? afterStep + 1 : null,
    interruptedWallNs: String(interruptedNs),
    resumedWallNs: String(resumedNs),
    wallS: Number(resumedNs - interruptedNs) / NS_PER_S,
    boardS,
    boardRestarted: boardS === null,
    address: board.address,
    bootNonce: reading.bootNonce,
    settled: await settledAfter(runFile, afterStep),
    accountedLate: late,
    agreement,
  };
}

const NS_PER_S = 1e9;

const countOf = (pulses: readonly CutPulse[]): number => new Set(pulses.map(({ update }) => update)).size;

function assertSameBoard(board: Board, { runId, board: { identity } }: Manifest): void {
  if (identity.boardId === board.identity.boardId) return;
  throw new FnloopError(
    'config-invalid',
    `Run ${runId} was begun on board ${identity.boardId}, but board ${board.identity.boardId} answers at ${board.address}.`,
  );
}

function assertUnchanged({ manifest }: ResumeParts, { agreement }: FoundCells, isAccepted: boolean): void {
  const { cells, disagreeing, largestSigmas } = agreement;
  if (isAccepted || 2 * disagreeing.length <= cells) return;
  throw new FnloopError(
    'chip-unfit',
    `Of the ${cells} cells of run ${manifest.runId}, ${disagreeing.length} are not what they were left as and the device model expects now, the furthest by ${plain(largestSigmas ?? 0)} sigmas: ` +
      'was the board used for something else since? No pulse was sent; --accept-changes goes on all the same.',
  );
}
