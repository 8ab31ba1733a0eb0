import { randomBytes } from 'node:crypto';
import { FnloopError } from '../core/errors.ts';
import type { BoardSupervisor } from './board-supervisor.ts';
import type { Job, Loan, LoanRequest } from './lab.ts';
import type { KeptLoan, LoanFile } from './loan-file.ts';

const ID_BYTES = 16;
const VALID_MS = 30_000;

interface OpenLoan extends KeptLoan {
  readonly supervisor: BoardSupervisor;
  timer?: NodeJS.Timeout;
}

export interface LoansParts {
  readonly file: LoanFile;
  /** Hears of each loan that is over, before its board is connected to. */
  readonly ended: (board: string) => void;
  readonly validMs?: number | undefined;
}

/** Boards whose ports other processes have, each until it is given back or nothing is heard of who has it. */
export class Loans {
  readonly #parts: LoansParts;
  readonly #validMs: number;
  readonly #byId = new Map<string, OpenLoan>();
  /** Of the daemon before this one, for boards that have not begun yet. */
  readonly #before: Map<string, KeptLoan>;

  constructor(parts: LoansParts) {
    this.#parts = parts;
    this.#before = new Map(parts.file.read().map((loan) => [loan.board, loan]));
    this.#validMs = parts.validMs ?? VALID_MS;
  }

  /** Resolves once the port is free. Rejects with `usage` for a board at work, `job` being under way or a session. */
  async begin(
    supervisor: BoardSupervisor,
    job: Pick<Job, 'id' | 'state'> | undefined,
    { board, purpose, askedBy }: LoanRequest,
  ): Promise<Loan> {
    assertMayBeLent(supervisor, job);
    const id = `l-${randomBytes(ID_BYTES).toString('hex')}`;
    const loan = { id, board, reason: `Lent to ${askedBy}: ${purpose}.`, supervisor };
    // On disk before anybody opens the port.
    this.#write([...this.#byId.values(), loan]);
    this.#byId.set(id, loan);
    await supervisor.lend(loan.reason);
    return this.keep(id);
  }

  /** Leaves a board that is about to begin to whoever borrowed it from the daemon before this one; false where nobody did. */
  goOn(supervisor: BoardSupervisor): boolean {
    const kept = this.#before.get(supervisor.name);
    if (kept === undefined) return false;
    this.#before.delete(supervisor.name);
    this.#byId.set(kept.id, { ...kept, supervisor });
    void supervisor.lend(kept.reason);
    this.keep(kept.id);
    return true;
  }

  /** It is still needed. Throws `not-found` where it is over. */
  keep(id: string): Loan {
    const loan = this.#find(id);
    clearTimeout(loan.timer);
    loan.timer = setTimeout(() => this.end(id), this.#validMs);
    return { id, board: loan.board, validMs: this.#validMs };
  }

  /** The daemon connects to the board again. Throws `not-found` where it is over already. */
  end(id: string): void {
    const { board, supervisor } = this.#find(id);
    this.#forget(id);
    this.#parts.ended(board);
    supervisor.returned();
  }

  /** Whoever has the board is told so when it says again that it needs it. */
  revoke(board: string): void {
    for (const loan of this.#byId.values()) if (loan.board === board) this.#forget(loan.id);
  }

  /** Those that are open are so for the next daemon too. */
  close(): void {
    for (const { timer } of this.#byId.values()) clearTimeout(timer);
  }

  #find(id: string): OpenLoan {
    const loan = this.#byId.get(id);
    if (loan === undefined) throw new FnloopError('not-found', 'There is no such loan; it may be over.');
    return loan;
  }

  #forget(id: string): void {
    clearTimeout(this.#byId.get(id)?.timer);
    this.#byId.delete(id);
    try {
      this.#write([...this.#byId.values()]);
    } catch {
      // One that stays in the file is over a while after the next daemon begins.
    }
  }

  #write(loans: readonly KeptLoan[]): void {
    this.#parts.file.write(loans.map(({ id, board, reason }) => ({ id, board, reason })));
  }
}

function assertMayBeLent(supervisor: BoardSupervisor, job: Pick<Job, 'id' | 'state'> | undefined): void {
  const { name, state, reason } = supervisor.status;
  supervisor.assertNotLent();
  if (job !== undefined)
    throw new FnloopError(
      'usage',
      `Job ${job.id} is ${job.state} on board ${name}: wait until it has ended, or end it with 'fnloop queue stop ${job.id}'.`,
    );
  if (supervisor.isBusy)
    throw new FnloopError('usage', `A session steers board ${name}: wait until it has ended, or close it.`);
  if (state === 'quarantined')
    throw new FnloopError('usage', `Board ${name} is quarantined, and not lent. ${reason}`);
}
