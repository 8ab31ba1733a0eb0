import { createHash } from 'node:crypto';
import * as z from 'zod';
import { problemsOf } from '../config/problems.ts';

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

const checksumOf = (value: object): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** The text of a board state file, with a checksum over all that it says. */
export function spellBoardState(values: Omit<BoardStateContent, 'schemaVersion'>): string {
  const whole = { schemaVersion: SCHEMA_VERSION, ...values };
  return `${JSON.stringify({ ...whole, checksum: checksumOf(whole) })}\n`;
}

/** Reads a board state file; a sentence about what is wrong with it where it is not one that fnloop wrote. */
export function readBoardState(text: string): BoardStateContent | string {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return `it is not whole: expected one JSON document, found ${text.length} characters that are none`;
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    return 'expected a JSON object, found another value';
  const { checksum, ...values } = found as Record<string, unknown>;
  const version = values['schemaVersion'];
  if (typeof version === 'number' && version > SCHEMA_VERSION)
    return `it has schema version ${version}, this fnloop reads ${SCHEMA_VERSION}: a newer fnloop wrote it`;
  if (checksum !== checksumOf(values))
    return 'its checksum does not fit its content: it was edited or damaged';
  const problems = problemsOf(content, values);
  if (problems.length > 0)
    return problems.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  return content.parse(values);
}
