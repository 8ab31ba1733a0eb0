import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { MAX_CELL } from '../../firmware-protocol/cell-list.ts';
import type { BoardIdentity } from '../board/types.ts';
import { replaceFile } from '../core/atomic-file.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders, safeFileName } from '../core/files.ts';
import { softwareVersion } from '../core/package.ts';
import { NodeUsage, type Usage } from '../scheduling/node-usage.ts';
import { type BoardStateContent, readBoardState, spellBoardState } from './board-state-format.ts';

type Geometry = Pick<BoardIdentity, 'boardId' | 'rows' | 'columns'>;

/** Within the folder of runs. */
const FOLDER = 'boards';

/**
 * What a board's nodes have received in all runs recorded in one folder, and which run is under way on it. Held in a
 * file beside the runs, which is replaced as a whole.
 */
export class BoardState {
  readonly file: string;
  readonly #runsFolder: string;
  readonly #board: Geometry;
  readonly #totals: NodeUsage;
  #openRun: string | null;

  private constructor(runsFolder: string, board: Geometry, known: BoardStateContent | undefined) {
    this.file = boardStateFile(runsFolder, board.boardId);
    this.#runsFolder = runsFolder;
    this.#board = board;
    this.#totals = known === undefined ? new NodeUsage() : usageFrom(known);
    this.#openRun = known?.openRun ?? null;
  }

  /**
   * What is known of the board; of one that was never used, that it was not. Writes nothing. Throws `state-invalid`
   * for a file that is damaged, edited, of a newer fnloop, or of a board of another geometry.
   */
  static open(runsFolder: string, board: Geometry): BoardState {
    const file = boardStateFile(runsFolder, board.boardId);
    if (!existsSync(file)) return new BoardState(runsFolder, board, undefined);
    const known = readBoardState(textOf(file, board));
    if (typeof known === 'string') throw unusable(file, board, known);
    const reason = misfit(known, board);
    if (reason !== undefined) throw unusable(file, board, reason);
    return new BoardState(runsFolder, board, known);
  }

  /** What all charged runs did. */
  get totals(): NodeUsage {
    return this.#totals;
  }

  /** Folder of a run that was begun and not charged: it is under way, or its process died. */
  get openRun(): string | undefined {
    return this.#openRun === null ? undefined : join(this.#runsFolder, this.#openRun);
  }

  /** Says that a run is about to pulse the board. On disk when it returns; throws `record-failed`. */
  begin(runFolder: string): void {
    if (this.#openRun !== null)
      throw new FnloopError(
        'invariant',
        `Run ${this.#openRun} is still open on board ${this.#board.boardId}.`,
      );
    this.#openRun = relative(this.#runsFolder, runFolder).split(sep).join('/');
    this.#write();
  }

  /**
   * Says that a run that ended before is under way again. What it did is taken out, so that its end charges all of it, once, whichever
   * process comes to that. On disk when it returns; throws `record-failed`.
   */
  reopen(runFolder: string, charged: NodeUsage): void {
    if (this.isOpen(runFolder)) return;
    this.#totals.takeAll(charged);
    this.begin(runFolder);
  }

  /** Whether that run is the one that is open. */
  isOpen(runFolder: string): boolean {
    return this.openRun !== undefined && resolve(this.openRun) === resolve(runFolder);
  }

  /** Adds what the open run did, which is open no longer. On disk when it returns; throws `record-failed`. */
  charge(usage: NodeUsage): void {
    this.#totals.addAll(usage);
    this.#openRun = null;
    this.#write();
  }

  #write(): void {
    const { boardId, rows, columns } = this.#board;
    const column = (quantity: keyof Usage) =>
      Array.from({ length: nodeCount(this.#board) }, (_, node) => this.#totals.of(node)[quantity]);
    const text = spellBoardState({
      software: softwareVersion(),
      boardId,
      rows,
      columns,
      openRun: this.#openRun,
      pulses: column('pulses'),
      voltSeconds: column('voltSeconds'),
      chargeFC: column('chargeFC'),
    });
    try {
      const folder = join(this.#runsFolder, FOLDER);
      makeFolders(resolve(folder));
      replaceFile(this.file, text);
    } catch (cause) {
      throw new FnloopError(
        'record-failed',
        `Cannot write ${this.file}, the record of what board ${boardId} has received: ${messageOf(cause)}.`,
        { cause },
      );
    }
  }
}

/** Where the state of a board is held. */
export const boardStateFile = (runsFolder: string, boardId: string): string =>
  join(runsFolder, FOLDER, `${safeFileName(boardId)}.json`);

/** Cells that the protocol can name, two nodes each. */
const nodeCount = ({ rows, columns }: Geometry): number => 2 * Math.min(MAX_CELL + 1, rows * columns);

function usageFrom({ pulses, voltSeconds, chargeFC }: BoardStateContent): NodeUsage {
  const usage = new NodeUsage();
  pulses.forEach((count, node) => {
    if (count > 0)
      usage.add(node, {
        pulses: count,
        voltSeconds: voltSeconds[node] ?? 0,
        chargeFC: chargeFC[node] ?? 0,
      });
  });
  return usage;
}

function misfit(known: BoardStateContent, board: Geometry): string | undefined {
  if (known.boardId !== board.boardId) return `it is of board ${known.boardId}`;
  if (known.rows !== board.rows || known.columns !== board.columns) {
    return `it is of an array of ${known.rows} rows and ${known.columns} columns, the board has ${board.rows} and ${board.columns}`;
  }
  const lengths = [known.pulses, known.voltSeconds, known.chargeFC].map(({ length }) => length);
  return lengths.every((length) => length === nodeCount(board))
    ? undefined
    : `it has totals of ${lengths.join(', ')} nodes, expected ${nodeCount(board)}`;
}

function textOf(file: string, board: Geometry): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unusable(file, board, `it cannot be read (${messageOf(cause)})`);
  }
}

const unusable = (file: string, { boardId }: Geometry, reason: string) =>
  new FnloopError(
    'state-invalid',
    `The record of what board ${boardId} has received, ${file}, cannot be used: ${reason}. ` +
      'Bring back an intact copy; or move it away, if the past of the board may be forgotten.',
  );
