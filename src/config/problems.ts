import { inspect } from 'node:util';
import * as z from 'zod';
import { LONGEST_NAME, suggest } from './suggest.ts';

/** One thing wrong with a document: where, what was expected and what was found. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with a value: how many things, and the first of them. The rest are counted, and not made. */
export interface Problems {
  readonly count: number;
  readonly first: readonly Problem[];
}

const MOST_TOLD = 20;

/** The problems of a value in the schema's order; none when the schema accepts it. `error` is what the schema said, where that is known. */
export function problemsOf(
  schema: z.ZodType,
  value: unknown,
  error: z.ZodError | undefined = schema.safeParse(value).error,
): Problems {
  const asked: Asked = { schema, root: value, json: undefined };
  const first: Problem[] = [];
  let count = 0;
  for (const issue of error?.issues ?? []) {
    count += issue.code === 'unrecognized_keys' ? issue.keys.length : 1;
    if (first.length < MOST_TOLD) first.push(...problemsOfIssue(asked, issue, MOST_TOLD - first.length));
  }
  return { count, first };
}

/** Sentences about the first problems, and how many more there are of `count`. */
export const toldProblems = (sentences: readonly string[], count = sentences.length): string[] => {
  const told = sentences.slice(0, MOST_TOLD);
  return count > told.length ? [...told, `and ${(count - told.length).toLocaleString('en')} more`] : told;
};

/** One sentence a problem; `whole` is what has no path. */
export const problemSentences = ({ count, first }: Problems, whole: string): string[] =>
  toldProblems(
    first.map(({ path, message }) => `${spelledPath(path) || whole} ${message}`),
    count,
  );

/** A path as text, with what is no plain name quoted and cut. */
export const spelledPath = (path: Problem['path']): string =>
  path
    .map((part) => (/^[\w$-]{1,60}$/.test(String(part)) ? part : JSON.stringify(cut(String(part)))))
    .join('.');

/** A value that a schema refused. */
interface Asked {
  readonly schema: z.ZodType;
  readonly root: unknown;
  /** The schema as JSON Schema, once somebody needs it. */
  json: JsonSchema | undefined;
}

function problemsOfIssue(asked: Asked, issue: z.core.$ZodIssue, most: number): Problem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const found = SECRETS.includes(String(path.at(-1))) ? HIDDEN : valueAt(asked.root, path);
  const problem = (message: string) => [{ path, message }];
  const oneOf = (known: readonly string[]) =>
    typeof found === 'string' ? suggest(found, known) : `expected one of ${known.join(', ')}`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(asked, path);
      return issue.keys.slice(0, most).map((key) => ({
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
          ? `found ${show(found)}; ${oneOf(issue.options.map(String))}`
          : issue.message,
      );
    case 'invalid_value':
      return problem(
        found === undefined
          ? `is missing; expected one of ${issue.values.join(', ')}`
          : `found ${show(found)}; ${oneOf(issue.values.map(String))}`,
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
  if (typeof value === 'string') return JSON.stringify(cut(value));
  if (typeof value !== 'object' || value === null) return String(value);
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (size > MOST_SHOWN) return `a ${Array.isArray(value) ? 'list' : 'map'} of ${size.toLocaleString('en')}`;
  return inspect(value, { depth: 0, maxStringLength: LONGEST_NAME, breakLength: Number.POSITIVE_INFINITY });
}

const MOST_SHOWN = 5;

const cut = (text: string): string => (text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text);

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
function keysAt(asked: Asked, path: readonly (string | number)[]): string[] {
  asked.json ??= z.toJSONSchema(asked.schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  let at = asked.json;
  const step = (next: JsonSchema | undefined, value: unknown): JsonSchema => {
    const name = valueAt(value, ['name']);
    return next?.oneOf?.find((member) => member.properties?.['name']?.const === name) ?? next ?? {};
  };
  path.forEach((part, depth) => {
    at = step(at.properties?.[String(part)], valueAt(asked.root, path.slice(0, depth + 1)));
  });
  return Object.keys(at.properties ?? {});
}
