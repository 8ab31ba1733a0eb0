import type { Lab } from '../lab.ts';
import type { loanRoutes } from '../routes/loans.ts';
import { boardOf } from './boards.ts';
import type { Handlers } from './mount.ts';

export const loanHandlers = (lab: Lab): Handlers<typeof loanRoutes> => ({
  borrowBoard: ({ body: { board, purpose }, caller }) =>
    lab.lend({ board: boardOf(lab, board).name, purpose, askedBy: caller.name }),
  keepLoan: ({ params }) => lab.keepLoan(params.loan),
  returnBoard: async ({ params }) => {
    await lab.endLoan(params.loan);
    return { returned: true };
  },
});
