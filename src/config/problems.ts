import { inspect } from 'node:util';
import * as z from 'zod';
import { suggest } from './suggest.ts';

/** One thing wrong with a document: where, what was expected and what was found. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Every problem of a value, in the schema's order; empty when the schema accepts it. */
export function problemsOf(schema: z.ZodType, value: unknown): readonly Problem[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).flatMap((issue) => problemsOfIssue(schema, value, issue));
}

function problemsOfIssue(schema: z.ZodType, root: unknown, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const found = SECRETS.includes(String(path.at(-1))) ? HIDDEN : valueAt(root, path);
  const problem = (message: string) => [{ path, message }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, root, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is not a known key; ${suggest(key, known)}`,
      }));
    }
    case 'invalid_type':
      return problem(
        found === undefined
          ? `is missing; expected ${issue.expected}`
          : `expected ${issue.expected}, found ${show(found)}`,
      );
    case 'invalid_union':
      return problem(
        'options' in issue && Array.isArray(issue.options)
          ? `found ${show(found)}; ${suggest(String(found), issue.options.map(String))}`
          : issue.message,
      );
    case 'invalid_value':
      return problem(
        found === undefined
          ? `is missing; expected one of ${issue.values.join(', ')}`
          : `found ${show(found)}; ${suggest(String(found), issue.values.map(String))}`,
      );
    case 'too_small':
      return problem(
        `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, found ${show(found)}`,
      );
    case 'too_big':
      return problem(
        `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}, found ${show(found)}`,
      );
    default:
      return problem(`${issue.message}, found ${show(found)}`);
  }
}

/** What may be a secret, be it in the wrong place, is not repeated where others may read it. */
const SECRETS = ['sha256', 'token', 'password'];
const HIDDEN = Symbol('what is not shown');

function show(value: unknown): string {
  if (value === HIDDEN) return 'what is not shown';
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value);
  return inspect(value, { depth: 1, maxArrayLength: 5, breakLength: Number.POSITIVE_INFINITY });
}

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    root,
  );
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
}

/** The keys that the schema allows at a path; in a union, those of the member that `name` selects. */
function keysAt(schema: z.ZodType, root: unknown, path: readonly (string | number)[]): string[] {
  let at = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const step = (next: JsonSchema | undefined, value: unknown): JsonSchema => {
    const name = valueAt(value, ['name']);
    return next?.oneOf?.find((member) => member.properties?.['name']?.const === name) ?? next ?? {};
  };
  path.forEach((part, depth) => {
    at = step(at.properties?.[String(part)], valueAt(root, path.slice(0, depth + 1)));
  });
  return Object.keys(at.properties ?? {});
}
