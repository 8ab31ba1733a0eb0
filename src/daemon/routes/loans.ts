import * as z from 'zod';
import type { Loan } from '../lab.ts';
import { count, name } from './quantities.ts';
import { route } from './route.ts';

const loan: z.ZodType<Loan> = z
  .strictObject({ id: z.string(), board: z.string(), validMs: count })
  .meta({ id: 'Loan' });

const params = z.strictObject({ loan: name });
const tag = 'loans';

export const loanRoutes = {
  borrowBoard: route({
    method: 'post',
    path: '/loans',
    tag,
    summary:
      'Takes a board from the daemon: its port is free when this is answered, jobs wait until it is given back',
    role: 'run',
    body: z.strictObject({
      board: name,
      purpose: z.string().min(1).max(200).describe('Which command, of which process'),
    }),
    answer: loan,
  }),
  keepLoan: route({
    method: 'post',
    path: '/loans/{loan}/keep',
    tag,
    summary: 'Says that the board is still needed: a loan of which nothing is heard for `validMs` is over',
    role: 'run',
    params,
    answer: loan,
  }),
  returnBoard: route({
    method: 'delete',
    path: '/loans/{loan}',
    tag,
    summary: 'Gives the board back, which the daemon then connects to',
    role: 'run',
    params,
    answer: z.strictObject({ returned: z.literal(true) }),
  }),
};
