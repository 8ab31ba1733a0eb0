import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { problemSentences, problemsOf } from './problems.ts';

const checksumOf = (value: object): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** A JSON document on one line that ends with a checksum over all that it says. */
export const spellSealed = (content: object): string =>
  `${JSON.stringify({ ...content, checksum: checksumOf(content) })}\n`;

/**
 * Reads what `spellSealed` wrote. The schema must have a literal `schemaVersion`, which is `version`. A sentence about what is
 * wrong with the text where it is cut off, edited, of a newer fnloop, or not what the schema describes.
 */
export function readSealed<S extends z.ZodType<object>>(
  text: string,
  schema: S,
  version: number,
): z.infer<S> | string {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return `it is not whole: expected one JSON document, found ${text.length} characters that are none`;
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    return 'expected a JSON object, found another value';
  const { checksum, ...values } = found as Record<string, unknown>;
  const foundVersion = values['schemaVersion'];
  if (typeof foundVersion === 'number' && foundVersion > version)
    return `it has schema version ${foundVersion}, this fnloop reads ${version}: a newer fnloop wrote it`;
  if (checksum !== checksumOf(values))
    return 'its checksum does not fit its content: it was edited or damaged';
  const read = schema.safeParse(values);
  if (read.success) return read.data;
  return problemSentences(problemsOf(schema, values, read.error), 'the document').join('; ');
}
