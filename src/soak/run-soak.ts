import type { Board } from '../board/board.ts';
import { isBroughtToRest } from '../board/rest-watch.ts';
import { nominalChip } from '../chip/chip-model.ts';
import { alsoFailed, FnloopError, messageOf } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import { accountLate } from '../settling/account-late.ts';
import { endRun } from '../settling/end-run.ts';
import { type Settlement, settleRun } from '../settling/settle-run.ts';
import type { Manifest } from '../store/manifest.ts';
import { type Comparison, type CountsAt, compareCounts, countsAt } from './comparison.ts';
import { Soak, type SoakParts } from './soak.ts';

export interface SoakOutcome {
  readonly status: 'finished' | 'interrupted';
  /** Null for a soak that was interrupted. */
  readonly comparison: Comparison | null;
}

export interface SoakRunParts extends SoakParts {
  readonly runId: string;
  /** What the run file says that a process before this one had begun; absent for a new one. */
  readonly begun?: (Manifest & { readonly countsAtStart: CountsAt }) | undefined;
}

/**
 * One process' share of a soak: settles what the last one left open, works on, and at the end compares the board's
 * own counts with the run file. Whatever happens, the run file is closed and says how it ended.
 */
export async function runSoak(parts: SoakRunParts): Promise<SoakOutcome> {
  const { board, runFile } = parts;
  try {
    const atStart = parts.begun === undefined ? await begin(parts) : await goOn(parts, parts.begun);
    const status = await new Soak(parts).run().catch((failure: unknown) => {
      if (isBroughtToRest(failure)) return 'interrupted' as const;
      throw failure;
    });
    const comparison = status === 'finished' ? await compareCounts(runFile, board, atStart) : null;
    await endRun(runFile, board, status, { comparison });
    return { status, comparison };
  } catch (failure) {
    await runFile.end('failed', board.statistics, { failure: messageOf(failure) }).catch((later: unknown) => {
      throw alsoFailed(failure, 'The run file could not be closed', later);
    });
    throw failure;
  }
}

async function begin({ board, runFile, runId, device, settings }: SoakRunParts): Promise<CountsAt> {
  const countsAtStart = await countsAt(board);
  await runFile.begin({
    runId,
    source: board.identity.source,
    software: { ...softwareVersion(), node: process.versions.node },
    experiment: {
      task: { name: 'soak' },
      method: { name: 'random' },
      policy: { name: 'fixed' },
      ...settings,
    },
    device,
    board: { address: board.address, identity: board.identity },
    countsAtStart,
  });
  return countsAtStart;
}

async function goOn(
  { board, runFile, device }: SoakRunParts,
  begun: Manifest & { readonly countsAtStart: CountsAt },
): Promise<CountsAt> {
  assertSameBoard(board, begun);
  const settlement: Settlement = await settleRun(runFile, board, nominalChip(device));
  const late = await accountLate(runFile, begun, 'soak');
  await runFile.event(0, 'gone-on', { ...settlement, accountedLate: late });
  await runFile.note({ status: 'running' });
  return begun.countsAtStart;
}

function assertSameBoard(board: Board, { board: { identity } }: Manifest): void {
  if (identity.boardId === board.identity.boardId) return;
  throw new FnloopError(
    'config-invalid',
    `The run was begun on board ${identity.boardId}, but board ${board.identity.boardId} answers at ${board.address}.`,
  );
}
