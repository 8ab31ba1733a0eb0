import type * as z from 'zod';
import { excessOf } from '../../config/bounds.ts';
import { decodeDocument } from '../../config/document.ts';
import { type Problems, problemSentences, problemsOf, toldProblems } from '../../config/problems.ts';
import { FnloopError } from '../../core/errors.ts';

/** Reads a body, and checks it. Throws `config-invalid`. */
export function readBody<S extends z.ZodType>(text: string, isYaml: boolean, schema: S): z.output<S> {
  return isYaml ? decodeDocument(text, 'body', schema) : checked(schema, parsed(text), 'body');
}

export function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw invalid(where, problemsOf(schema, value, read.error));
}

/** A request whose content is wrong, with the first things that are. */
export function invalid(where: string, problems: Problems | readonly string[]): FnloopError {
  const [count, sentences] =
    'count' in problems
      ? [problems.count, problemSentences(problems, where)]
      : [problems.length, toldProblems(problems)];
  return new FnloopError(
    'config-invalid',
    `The ${where} has ${count.toLocaleString('en')} problem${count === 1 ? '' : 's'}.`,
    { problems: sentences },
  );
}

/** The parser's own message would repeat what it could not read. */
function parsed(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('body', ['body is no JSON']);
  }
  const excess = excessOf(value);
  if (excess !== undefined) throw invalid('body', [`body ${excess}`]);
  return value;
}
