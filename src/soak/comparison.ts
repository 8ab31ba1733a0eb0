import type { PulseKind } from '../../firmware-protocol/slots.ts';
import type { Board } from '../board/board.ts';
import { cellCount } from '../board/limits.ts';
import type { RunFile } from '../store/run-file.ts';

/** The board's own pulse counts, S then R of each cell, and since when it counts. */
export interface CountsAt {
  readonly since: 'boot' | 'ever';
  readonly bootNonce: number;
  readonly counts: readonly number[];
}

/** A node on which board and run file do not agree. */
export interface Difference {
  readonly cell: number;
  readonly kind: PulseKind;
  readonly onBoard: number;
  readonly recorded: number;
}

/** How the board's own account and the run file's compare. */
export interface Comparison {
  /** Pulses in the file that the board never emitted. */
  readonly lost: number;
  /** Pulses that the board emitted and the file does not have. */
  readonly repeated: number;
  /** Nodes that were compared. */
  readonly nodes: number;
  readonly differences: readonly Difference[];
}

/** Asks the board for its own counts. */
export async function countsAt(board: Board): Promise<CountsAt> {
  const cells = Array.from({ length: cellCount(board.identity) }, (_, cell) => cell);
  const { since, counts } = await board.count(cells);
  return { since, counts, bootNonce: board.bootNonce };
}

/**
 * Compares the run file with the board, which counts for itself. A board that forgets its counts with a restart can
 * vouch for its present boot only.
 */
export async function compareCounts(
  runFile: Pick<RunFile, 'query'>,
  board: Board,
  atStart: CountsAt,
): Promise<Comparison> {
  const now = await countsAt(board);
  const isWhole = now.since === 'ever' || now.bootNonce === atStart.bootNonce;
  const rows = await runFile.query<{ cell: number; kind: PulseKind; pulses: number }>(
    `SELECT cell, kind, count(*) AS pulses FROM pulses JOIN intents USING (intent)
     ${isWhole ? '' : `WHERE boot_nonce = ${now.bootNonce}`} GROUP BY cell, kind`,
  );
  const recorded = new Map(rows.map(({ cell, kind, pulses }) => [`${kind} ${cell}`, pulses]));
  const differences = now.counts.flatMap((count, node): Difference[] => {
    const cell = Math.floor(node / 2);
    const kind = node % 2 === 0 ? 'SET' : 'RESET';
    const onBoard = count - (isWhole ? (atStart.counts[node] ?? 0) : 0);
    const found = recorded.get(`${kind} ${cell}`) ?? 0;
    return onBoard === found ? [] : [{ cell, kind, onBoard, recorded: found }];
  });
  const sum = (part: (difference: Difference) => number) =>
    differences.reduce((total, difference) => total + Math.max(0, part(difference)), 0);
  return {
    lost: sum(({ onBoard, recorded: found }) => found - onBoard),
    repeated: sum(({ onBoard, recorded: found }) => onBoard - found),
    nodes: now.counts.length,
    differences,
  };
}
