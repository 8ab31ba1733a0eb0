import { FnloopError } from '../../core/errors.ts';
import type { BoardStatus, Lab } from '../lab.ts';
import type { boardRoutes } from '../routes/boards.ts';
import type { Handlers } from './mount.ts';

/** Throws `not-found`. */
export function boardOf(lab: Lab, name: string): BoardStatus {
  const board = lab.boards().find((candidate) => candidate.name === name);
  if (board !== undefined) return board;
  throw new FnloopError('not-found', 'This daemon has no board of that name.');
}

export const boardHandlers = (lab: Lab): Handlers<typeof boardRoutes> => ({
  listBoards: () => lab.boards(),
  oneBoard: ({ params }) => boardOf(lab, params.board),
  boardInfo: ({ params }) => lab.info(boardOf(lab, params.board).name),
  boardCells: ({ params }) => lab.cells(boardOf(lab, params.board).name),
  makeSafe: ({ params, caller }) => lab.safe(boardOf(lab, params.board).name, caller.name),
  goOn: ({ params }) => lab.goOn(boardOf(lab, params.board).name),
  quarantine: ({ params, body }) => lab.quarantine(boardOf(lab, params.board).name, body.reason),
  release: ({ params }) => lab.release(boardOf(lab, params.board).name),
});
