import { FieldError } from './faults.ts';

/** One `key=value` pair of a line, and the host value that it stands for. */
export interface Field<T> {
  readonly key: string;
  /** What the value may be, for the tables of PROTOCOL.md. */
  readonly accepts: string;
  /** Absent on the wire when the host value is undefined. */
  readonly isOptional: boolean;
  encode(value: T): string;
  decode(text: string): T;
}

export type Shape = Readonly<Record<string, Field<unknown>>>;

type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The host-side object that a shape describes; an optional field may be left out. */
export type Values<S extends Shape> = {
  readonly [Name in keyof S as undefined extends ValueOf<S[Name]> ? never : Name]: ValueOf<S[Name]>;
} & {
  readonly [Name in keyof S as undefined extends ValueOf<S[Name]> ? Name : never]?: ValueOf<S[Name]>;
};

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A decimal integer. Units are part of the key. */
export function integer(key: string, { min, max }: Range): Field<number> {
  const accepts = `integer ${min} to ${max}`;
  const check = (value: number): number => {
    if (value >= min && value <= max) return value;
    throw new FieldError('out-of-range', key, `expected an ${accepts}, found ${value}`);
  };
  return {
    key,
    accepts,
    isOptional: false,
    encode: (value) => {
      if (Number.isInteger(value)) return String(check(value));
      throw new FieldError('bad-value', key, `expected an ${accepts}, found ${value}`);
    },
    decode: (text) => {
      if (/^-?\d{1,16}$/.test(text)) return check(Number(text));
      throw new FieldError('bad-value', key, `expected an ${accepts}, found '${text}'`);
    },
  };
}

/** A quantity sent as a whole number of parts: volts on the host, microvolts on the wire. */
export function fixed(
  key: string,
  { perUnit, min, max }: Range & { readonly perUnit: number },
): Field<number> {
  const parts = integer(key, { min: Math.round(min * perUnit), max: Math.round(max * perUnit) });
  return {
    ...parts,
    encode: (value) => parts.encode(Math.round(value * perUnit)),
    decode: (text) => parts.decode(text) / perUnit,
  };
}

export function oneOf<const Choice extends string>(key: string, choices: readonly Choice[]): Field<Choice> {
  const accepts = choices.map((choice) => `\`${choice}\``).join(' or ');
  const check = (text: string): Choice => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new FieldError('bad-value', key, `expected ${choices.join(' or ')}, found '${text}'`);
  };
  return { key, accepts, isOptional: false, encode: check, decode: check };
}

/** Text that a pattern allows. The pattern must exclude blanks, `*` and non-ASCII, which frame a line. */
export function text(key: string, pattern: RegExp, accepts: string): Field<string> {
  const check = (value: string): string => {
    if (pattern.test(value)) return value;
    throw new FieldError('bad-value', key, `expected ${accepts}, found '${value}'`);
  };
  return { key, accepts, isOptional: false, encode: check, decode: check };
}

/** A short name: a board id, a firmware string. */
export const token = (key: string): Field<string> =>
  text(key, /^[A-Za-z0-9._:-]{1,32}$/, '1 to 32 of `A-Z a-z 0-9 . _ : -`');

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    ...field,
    isOptional: true,
    encode: (value) => {
      if (value !== undefined) return field.encode(value);
      throw new FieldError('missing-field', field.key, 'has no value to encode');
    },
  };
}
