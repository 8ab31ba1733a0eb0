import { randomInt } from 'node:crypto';
import type { Random } from './random.ts';

/** Draws that need not be repeatable, such as of waits: two hosts that lost one server are not to come back together. */
export const anyRandom: Random = { integer: (below) => randomInt(below) };
