import type * as z from 'zod';
import { FnloopError } from '../core/errors.ts';
import { documentBounds } from './bounds.ts';
import { problemsOf, spelledPath, toldProblems } from './problems.ts';
import { readText } from './text-file.ts';
import { readYaml } from './yaml-text.ts';

/**
 * Reads and decodes a YAML file. Throws `file-missing`, or `config-invalid` with the first problems and how many more there are; what is
 * beyond `documentBounds` is not looked at.
 */
export function readDocument<S extends z.ZodType>(path: string, schema: S): z.infer<S> {
  const read = readText(path, documentBounds.bytes);
  if (typeof read === 'string') throw invalid(path, 1, [`${path} ${read}`]);
  return decodeDocument(read.text, path, schema);
}

/** Decodes YAML text; `source` names it in problems, which carry line numbers. */
export function decodeDocument<S extends z.ZodType>(yamlText: string, source: string, schema: S): z.infer<S> {
  const document = readYaml(yamlText);
  if (typeof document === 'string') throw invalid(source, 1, [`${source}: ${document}`]);
  const read = schema.safeParse(document.value);
  if (read.success) return read.data;
  const { count, first } = problemsOf(schema, document.value, read.error);
  const places = document.placesOf(first.map(({ path }) => path));
  const placed = first
    .map((problem, index) => ({ ...problem, ...(places[index] ?? { offset: 0, line: 1 }) }))
    .sort((one, other) => one.offset - other.offset);
  const told = placed.map(
    ({ line, path, message }) => `${source}:${line}: ${spelledPath(path) || 'the document'} ${message}`,
  );
  throw invalid(source, count, toldProblems(told, count));
}

const invalid = (source: string, count: number, problems: readonly string[]) =>
  new FnloopError(
    'config-invalid',
    `${source} has ${count.toLocaleString('en')} problem${count === 1 ? '' : 's'}.`,
    { problems },
  );
