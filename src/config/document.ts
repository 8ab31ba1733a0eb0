import { readFileSync } from 'node:fs';
import * as YAML from 'yaml';
import type * as z from 'zod';
import { FnloopError, messageOf } from '../core/errors.ts';
import { type Problem, problemsOf } from './problems.ts';

/** Reads and decodes a YAML file. Throws `file-missing`, or `config-invalid` with every problem at once. */
export function readDocument<S extends z.ZodType>(path: string, schema: S): z.infer<S> {
  return decodeDocument(readText(path), path, schema);
}

/** Decodes YAML text; `source` names it in problems, which carry line numbers. */
export function decodeDocument<S extends z.ZodType>(yamlText: string, source: string, schema: S): z.infer<S> {
  const lines = new YAML.LineCounter();
  const document = YAML.parseDocument(yamlText, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw invalid(
      source,
      document.errors.map(({ message }) => `${source}: ${message.split('\n')[0]}`),
    );
  }
  const value = plainValue(document, source);
  const problems = problemsOf(schema, value);
  if (problems.length === 0) return schema.parse(value);

  const placed = problems
    .map((problem) => ({ problem, offset: offsetOf(document, problem.path) ?? 0 }))
    .sort((one, other) => one.offset - other.offset);
  throw invalid(
    source,
    placed.map(({ problem: { path, message }, offset }) => {
      return `${source}:${lines.linePos(offset).line}: ${path.join('.') || 'the document'} ${message}`;
    }),
  );
}

/** Aliases that lead nowhere, or to too much, are found only here. */
function plainValue(document: YAML.Document, source: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw invalid(source, [`${source}: ${messageOf(cause)}`]);
  }
}

const invalid = (source: string, problems: readonly string[]) =>
  new FnloopError(
    'config-invalid',
    `${source} has ${problems.length} problem${problems.length === 1 ? '' : 's'}.`,
    { problems },
  );

/** Where the deepest part of the path that the document has begins. */
function offsetOf(document: YAML.Document, path: Problem['path']): number | undefined {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const parent = depth === 0 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = YAML.isMap(parent)
      ? parent.items.find(({ key }) => String(key) === String(path[depth - 1]))
      : undefined;
    const node = YAML.isNode(pair?.key) ? pair.key : undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FnloopError('file-missing', `Cannot read ${path}: ${messageOf(cause)}.`, { cause });
  }
}
