import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import { FnloopError } from '../core/errors.ts';
import { newRunId } from '../store/run-folder.ts';
import type { BoardSupervisor } from './board-supervisor.ts';
import type { Session, SessionRequest } from './lab.ts';

const ID_BYTES = 16;
const IDLE_MS = 120_000;

interface OpenSession extends Session {
  readonly supervisor: BoardSupervisor;
}

/** Sessions that are open, one a board at most. */
export class Sessions {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #byId = new Map<string, OpenSession>();

  /** A session ends when nothing is asked for `idleMs`. */
  constructor(clock: Clock, idleMs = IDLE_MS) {
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  /** Rejects with `usage` for a board that is not ready. */
  async open(supervisor: BoardSupervisor, request: SessionRequest): Promise<Session> {
    const { board, cells, policy, askedBy } = request;
    supervisor.assertNotLent();
    if (supervisor.rest !== null)
      throw new FnloopError('brought-to-rest', `Board ${board} rests. ${supervisor.rest}`);
    if (!supervisor.isReady)
      throw new FnloopError('usage', `Board ${board} is ${supervisor.status.state}, not ready.`);
    if (!Number.isInteger(cells) || cells < 1)
      throw new FnloopError('usage', `A session has at least one cell, not ${cells}.`);
    const id = `s-${randomBytes(ID_BYTES).toString('hex')}`;
    const runId = newRunId(this.#clock.wallNs(), `${board}-session`, 0);
    const idleMs = this.#idleMs;
    this.#byId.set(id, { id, board, runId, idleMs, supervisor });
    supervisor.workBegun();
    try {
      await supervisor.ask('open-session', { runId, cells, policy, askedBy, idleMs });
    } catch (error) {
      this.end(board, null);
      throw error;
    }
    return { id, board, runId, idleMs };
  }

  /** The board that a session has. Throws `usage` where there is none. */
  boardOf(id: string): BoardSupervisor {
    const session = this.#byId.get(id);
    if (session === undefined) throw new FnloopError('usage', 'There is no such session; it may be over.');
    return session.supervisor;
  }

  of(board: string): Session | undefined {
    return [...this.#byId.values()].find((session) => session.board === board);
  }

  /** `fault` is what was wrong with the board, where something was. */
  end(board: string, fault: string | null): void {
    for (const session of this.#byId.values()) {
      if (session.board !== board) continue;
      this.#byId.delete(session.id);
      session.supervisor.workEnded(fault);
    }
  }
}
