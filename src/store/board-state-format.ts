import * as z from 'zod';
import { readSealed, spellSealed } from '../config/sealed.ts';

/** Raise it when the content changes in a way that a reader must know of. */
const SCHEMA_VERSION = 1;

const content = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  /** Of the fnloop that wrote it. */
  software: z.strictObject({ version: z.string(), commit: z.string().nullable() }),
  boardId: z.string().min(1),
  rows: z.int().min(1),
  columns: z.int().min(1),
  /** Folder of the run that is under way, within the folder of runs; null while none is. */
  openRun: z.string().min(1).nullable(),
  /** Of each node, S then R of each cell, over all runs that have ended. */
  pulses: z.array(z.int().min(0)),
  voltSeconds: z.array(z.number().min(0)),
  chargeFC: z.array(z.number().min(0)),
});

/** What a board state file says. */
export type BoardStateContent = z.infer<typeof content>;

/** The text of a board state file. */
export const spellBoardState = (values: Omit<BoardStateContent, 'schemaVersion'>): string =>
  spellSealed({ schemaVersion: SCHEMA_VERSION, ...values });

/** Reads a board state file; a sentence about what is wrong with it where it is not one that fnloop wrote. */
export const readBoardState = (text: string): BoardStateContent | string =>
  readSealed(text, content, SCHEMA_VERSION);
