import { FnloopError, messageOf } from '../../core/errors.ts';
import type { Loan } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { App } from '../app.ts';
import { type Holder, holderOf } from './board-holder.ts';

/** A loan is kept up so many times in the time that it is valid for. */
const KEPT_TIMES = 4;

export interface Borrowing {
  readonly address: string;
  readonly runs: string;
  /** What the daemon tells others who ask for the board. */
  readonly command: string;
}

/**
 * Does work that opens the board's port itself. Where a daemon has the board it is borrowed first, and given back whatever happens.
 * Rejects as `holderOf`, as the daemon refuses a loan, and as the work.
 */
export async function borrowing<T>(
  app: App,
  { address, runs, command }: Borrowing,
  work: () => Promise<T>,
): Promise<T> {
  const holder = await holderOf(app, address, runs);
  if (holder === undefined) return work();
  // A signal is not to end the process while it has the board.
  return app.cooperate(async () => {
    const loan = await borrowed(app, holder, command);
    const end = upkeep(app, holder, loan);
    const forget = app.onAbandon(end);
    try {
      return await work();
    } finally {
      forget();
      await end();
    }
  });
}

async function borrowed(app: App, { daemon, board, recordsHere }: Holder, command: string): Promise<Loan> {
  const { note } = app.output(false);
  const purpose = `${command}, process ${process.pid}`;
  const loan = await daemon.ask(routes.borrowBoard, { body: { board: board.name, purpose } });
  note(`Board ${board.name} is borrowed from the daemon at ${daemon.url}, and given back at the end.`);
  if (!recordsHere)
    note(
      `Warning: that daemon has another folder of runs: what the board's nodes receive now is not counted there.`,
    );
  return loan;
}

/** Keeps a loan up; returns what gives the board back. */
function upkeep(app: App, { daemon, board }: Holder, { id, validMs }: Loan): () => Promise<void> {
  const { note } = app.output(false);
  const params = { loan: id };
  let isOver = false;
  const over = () => {
    if (isOver) return;
    isOver = true;
    clearInterval(keeping);
    note(`The daemon at ${daemon.url} has ended the loan of board ${board.name}: this work ends too.`);
    app.interrupt();
  };
  const keeping = setInterval(() => {
    daemon.ask(routes.keepLoan, { params }).catch((error: unknown) => {
      // One that is away for a while has lent the board all the same.
      if (isNotFound(error)) over();
    });
  }, validMs / KEPT_TIMES);
  return async () => {
    clearInterval(keeping);
    if (isOver) return;
    isOver = true;
    await daemon.ask(routes.returnBoard, { params }).catch((error: unknown) => {
      if (!isNotFound(error))
        note(`The daemon was not told that board ${board.name} is back: ${messageOf(error)}`);
    });
  };
}

const isNotFound = (error: unknown): boolean => error instanceof FnloopError && error.code === 'not-found';
