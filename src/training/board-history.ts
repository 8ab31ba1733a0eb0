import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Board } from '../board/board.ts';
import type { BoardIdentity } from '../board/types.ts';
import { chipOf } from '../chip/calibration-record.ts';
import type { Clock } from '../core/clock.ts';
import { alsoFailed, FnloopError } from '../core/errors.ts';
import { NodeUsage } from '../scheduling/node-usage.ts';
import { accountLate } from '../settling/account-late.ts';
import { settleRun } from '../settling/settle-run.ts';
import { BoardState } from '../store/board-state.ts';
import type { Manifest } from '../store/manifest.ts';
import { RunFile } from '../store/run-file.ts';
import { RUN_FILE } from '../store/run-folder.ts';
import { RunReader } from '../store/run-reader.ts';
import { usageOf } from '../store/run-usage.ts';

/** What a board's nodes went through, and a way to add to it. */
export interface BoardHistory {
  /** What the nodes have received in all runs until now. */
  readonly past: NodeUsage;
  /**
   * Does a run while the board's record says that it is under way, then charges what it did, however it ended.
   * What is not certain by then stays open, and is settled when the next run begins.
   */
  charging<T>(runFolder: string, run: () => Promise<T>): Promise<T>;
}

/** Of a board that is made anew: it has no past, and is gone with this process. */
export const noHistory: BoardHistory = { past: new NodeUsage(), charging: (_, run) => run() };

/**
 * The history of a board whose runs are recorded in a folder. A run whose process died is settled with the board
 * and charged first; nothing that changes cells is sent. Rejects with `state-invalid` where the record cannot be used, and
 * where that run cannot be charged.
 */
export async function openHistory(runsFolder: string, board: Board, clock: Clock): Promise<BoardHistory> {
  const state = BoardState.open(runsFolder, board.identity);
  await settleAndCharge(state, board, clock);
  return {
    past: state.totals,
    charging: async (runFolder, run) => {
      state.begin(runFolder);
      return charged(state, runFolder, run);
    },
  };
}

/** What a board's nodes went through besides a run that is to be resumed. */
export interface ReopenedHistory {
  /**
   * Goes on with that run, which did `usage` until now and is charged as a whole at its next end. `run` is told what the nodes have
   * received in all.
   */
  charging<T>(usage: NodeUsage, run: (past: NodeUsage) => Promise<T>): Promise<T>;
}

/** As `openHistory`, for a run of the board that is gone on with: it may be open itself, or have been charged. */
export async function reopenHistory(runFolder: string, board: Board, clock: Clock): Promise<ReopenedHistory> {
  const state = BoardState.open(dirname(resolve(runFolder)), board.identity);
  if (!state.isOpen(runFolder)) await settleAndCharge(state, board, clock);
  return {
    charging: (usage, run) => {
      state.reopen(runFolder, usage);
      const past = new NodeUsage();
      past.addAll(state.totals);
      past.addAll(usage);
      return charged(state, runFolder, () => run(past));
    },
  };
}

async function settleAndCharge(state: BoardState, board: Board, clock: Clock): Promise<void> {
  const { openRun } = state;
  if (openRun === undefined) return;
  await settleOpenRun(openRun, board, clock).catch((cause: unknown) => {
    throw unchargeable(state, openRun, board.identity.boardId, cause);
  });
  state.charge((await RunReader.with(openRun, usageOf)).nodes);
}

async function charged<T>(state: BoardState, runFolder: string, run: () => Promise<T>): Promise<T> {
  const result = await run().catch(async (failure: unknown) => {
    await chargeSettled(state, runFolder).catch((later: unknown) => {
      throw alsoFailed(failure, 'What the run did to the board could not be charged', later);
    });
    throw failure;
  });
  await chargeSettled(state, runFolder);
  return result;
}

/** What is known of a board's past without asking it, or writing anything: for plans. */
export interface KnownPast {
  readonly past: NodeUsage;
  /** Batches and pulses of a run whose process died that the next run has to settle before they count. */
  readonly unsettled: number;
}

/** The past of a board as its record says it, with what is certain of a run whose process died. Rejects as `openHistory`. */
export async function knownPast(runsFolder: string, board: BoardIdentity): Promise<KnownPast> {
  const state = BoardState.open(runsFolder, board);
  const { openRun, totals: past } = state;
  if (openRun === undefined) return { past, unsettled: 0 };
  const { nodes, unsettled } = await RunReader.with(openRun, usageOf).catch((cause: unknown) => {
    throw unchargeable(state, openRun, board.boardId, cause);
  });
  past.addAll(nodes);
  return { past, unsettled };
}

async function chargeSettled(state: BoardState, runFolder: string): Promise<void> {
  const { nodes, unsettled } = await RunReader.with(runFolder, usageOf);
  if (unsettled === 0) state.charge(nodes);
}

async function settleOpenRun(folder: string, board: Board, clock: Clock): Promise<void> {
  if (!existsSync(join(folder, RUN_FILE))) {
    throw new FnloopError('state-invalid', `there is no ${join(folder, RUN_FILE)}.`);
  }
  const { manifest } = await RunReader.with(folder, async (run) => run);
  const runFile = await RunFile.reopen(folder, clock);
  try {
    await settleRun(runFile, board, chipOf(manifest.device, manifest.calibration));
    await accountLate(runFile, manifest, purposeOf(manifest));
  } finally {
    runFile.close();
  }
}

/** What the updates of a run were for. */
function purposeOf({ features, experiment }: Manifest): 'train' | 'soak' | 'calibrate' {
  if (features !== undefined) return 'train';
  return experiment.task.name === 'soak' ? 'soak' : 'calibrate';
}

function unchargeable({ file }: BoardState, openRun: string, boardId: string, cause: unknown): unknown {
  if (!(cause instanceof FnloopError)) return cause;
  return new FnloopError(
    cause.code,
    `Run ${openRun} was under way on board ${boardId} when its process ended, and what it did cannot be charged: ${cause.message} ` +
      `Bring its folder back; or move ${file} away, if the past of the board may be forgotten.`,
    { problems: cause.problems, cause },
  );
}
