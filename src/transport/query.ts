import { suggest } from '../config/suggest.ts';

/** Reads the text of one value, or says what is wrong with it. No schema library: SAFE parses an address too, and loads nothing that it does not need. */
export type Field<T> = (text: string) => { readonly value: T } | { readonly problem: string };

type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a query says of these fields, each once at most. */
export type QueryOf<F extends Fields> = {
  readonly [Key in keyof F]?: F[Key] extends Field<infer T> ? T : never;
};

const quoted = (text: string) => JSON.stringify(text);

/** A number within bounds. */
export const number =
  (min: number, max: number): Field<number> =>
  (text) => {
    const value = Number(text);
    if (!Number.isFinite(value)) return { problem: `expected number, found ${quoted(text)}` };
    if (value < min) return { problem: `expected at least ${min}, found ${quoted(text)}` };
    if (value > max) return { problem: `expected at most ${max}, found ${quoted(text)}` };
    return { value };
  };

/** A whole number within bounds. */
export const whole =
  (min: number, max: number): Field<number> =>
  (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && !Number.isInteger(value))
      return { problem: `expected int, found ${quoted(text)}` };
    return number(min, max)(text);
  };

export const oneOf =
  <const T extends string>(...values: readonly T[]): Field<T> =>
  (text) => {
    const value = values.find((each) => each === text);
    return value === undefined ? { problem: `found ${quoted(text)}; ${suggest(text, values)}` } : { value };
  };

export const anyText: Field<string> = (text) => ({ value: text });

/** Decodes the part of an address after `?`. All its problems are returned at once, each with the name of its field. */
export function decodeQuery<F extends Fields>(
  query: string,
  fields: F,
): { readonly values: QueryOf<F>; readonly problems: readonly string[] } {
  const pairs = [...new URLSearchParams(query)];
  const found = new Map(pairs);
  const values: Record<string, unknown> = {};
  const problems = [
    ...pairs.filter(([, text]) => text === '').map(([key]) => `${key} has no value`),
    ...pairs
      .filter(([key], index) => pairs.findIndex(([other]) => other === key) < index)
      .map(([key]) => `${key} stands twice`),
  ];
  for (const [key, read] of Object.entries(fields)) {
    const text = found.get(key);
    if (text === undefined) continue;
    const field = read(text);
    if ('problem' in field) problems.push(`${key} ${field.problem}`);
    else values[key] = field.value;
  }
  const known = Object.keys(fields);
  for (const key of found.keys())
    if (!known.includes(key)) problems.push(`${key} is not a known key; ${suggest(key, known)}`);
  return { values: values as QueryOf<F>, problems };
}
