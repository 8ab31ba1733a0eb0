import { messageOf } from '../core/errors.ts';
import { type BoardAddress, parseAddress } from '../transport/address.ts';
import type { HolderAnswer } from '../transport/holder-answer.ts';
import { SafeSocket } from '../transport/safe-socket.ts';
import type { Board } from './board.ts';

/** What a process that has a board is doing with it. */
export type HolderWork = Pick<HolderAnswer, 'command' | 'run' | 'goOn'>;

/** What became of the board. */
export interface Rested {
  readonly wasArmed: 'yes' | 'no' | 'unknown';
  readonly boardTimeUs: number | null;
}

export interface SafeDoorParts {
  readonly work: () => HolderWork;
  readonly note: (sentence: string) => void;
  /** In place of the board's own, where more has to be done than that. */
  readonly makeSafe?: (by: string) => Promise<Rested>;
  /** In place of /tmp. */
  readonly shared?: string;
}

/**
 * Lets other programs on this machine have a board brought to rest whose port this process holds: open before the port is, closed after
 * it. While the board is not connected they are told so at once, and it gets SAFE when it is.
 */
export class SafeDoor {
  readonly #parts: SafeDoorParts;
  readonly #socket: SafeSocket;
  readonly #connected: Promise<Board>;
  #connect: (board: Board) => void = () => {};
  #board: Board | undefined;
  #isUp = false;
  #resting: Promise<Rested> | undefined;

  constructor(parts: SafeDoorParts) {
    this.#parts = parts;
    this.#socket = new SafeSocket({
      rest: (by) => this.#rest(by),
      note: parts.note,
      shared: parts.shared,
    });
    this.#connected = new Promise((resolve) => {
      this.#connect = resolve;
    });
  }

  open(address: BoardAddress): Promise<void> {
    return this.#socket.at(address);
  }

  /** The board is connected from here on, until its link says otherwise. */
  follow(board: Board): void {
    this.#board = board;
    this.#connect(board);
    const isUp = (is: boolean) => {
      if (this.#board !== board) return;
      this.#isUp = is;
      // It may have been plugged in elsewhere.
      if (is) void this.#socket.at(parseAddress(board.address));
    };
    isUp(true);
    board.linkNews$.subscribe({
      next: ({ kind }) => isUp(kind !== 'lost'),
      complete: () => isUp(false),
    });
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  async #rest(by: string): Promise<HolderAnswer> {
    const who = { ...silent, process: process.pid, ...this.#parts.work() };
    const { makeSafe = (asker) => this.#makeSafe(asker) } = this.#parts;
    // One SAFE for all who ask meanwhile, however many they are.
    this.#resting ??= makeSafe(by).finally(() => {
      this.#resting = undefined;
    });
    const resting = this.#resting.then(
      (rested): HolderAnswer => {
        const boardId = this.#board?.identity.boardId ?? null;
        return { ...who, ...rested, boardId, state: 'at-rest' };
      },
      (error: unknown): HolderAnswer => ({ ...who, state: 'failed', reason: messageOf(error) }),
    );
    return this.#isUp ? resting : { ...who, state: 'not-connected' };
  }

  async #makeSafe(by: string): Promise<Rested> {
    return (await this.#connected).makeSafe({ by });
  }
}

const silent = { wasArmed: null, boardTimeUs: null, boardId: null, reason: null };
