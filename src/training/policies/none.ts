import { nothing, type Policy } from '../policy.ts';

/** No pulses at all: shows what the cells do by themselves, and that training is done by the board. */
export const none: Policy = {
  name: 'none',
  waves: [],
  signWave: undefined,
  propose: () => nothing,
  state: [],
};
