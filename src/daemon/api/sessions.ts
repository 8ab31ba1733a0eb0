import { FnloopError } from '../../core/errors.ts';
import type { Lab } from '../lab.ts';
import type { sessionRoutes } from '../routes/sessions.ts';
import { boardOf } from './boards.ts';
import { invalid } from './body.ts';
import type { Handlers } from './mount.ts';

/** Throws `not-found`. */
function sessionOf(lab: Lab, id: string): string {
  if (lab.boards().some(({ session }) => session === id)) return id;
  throw new FnloopError('not-found', 'This daemon has no open session of that id.');
}

export const sessionHandlers = (lab: Lab): Handlers<typeof sessionRoutes> => ({
  openSession: ({ body: { board, cells, policy }, caller }) =>
    lab.openSession({ board: boardOf(lab, board).name, cells, policy, askedBy: caller.name }),
  sessionWeights: ({ params }) => lab.weights(sessionOf(lab, params.session)),
  applyChanges: ({ params, body }) => {
    const cells = new Set<number>();
    const repeated = body.changes.filter(({ cell }) => cells.size === cells.add(cell).size);
    if (repeated.length > 0)
      throw invalid(
        'body',
        repeated.slice(0, 20).map(({ cell }) => `changes name cell ${cell} more than once`),
      );
    return lab.apply(sessionOf(lab, params.session), body.changes);
  },
  closeSession: async ({ params }) => {
    await lab.closeSession(sessionOf(lab, params.session));
    return { closed: true };
  },
});
