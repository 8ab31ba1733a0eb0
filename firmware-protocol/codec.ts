import { FieldError } from './faults.ts';
import type { Shape, Values } from './field.ts';
import type { Fields } from './line.ts';

/** Spells the values of a shape in declaration order. Throws `FieldError` for a value that does not fit. */
export function encodeFields<S extends Shape>(shape: S, values: Values<S>): Fields {
  const fields = new Map<string, string>();
  for (const [name, field] of Object.entries(shape)) {
    const value: unknown = Reflect.get(values, name);
    if (value === undefined && field.isOptional) continue;
    fields.set(field.key, field.encode(value));
  }
  return fields;
}

/**
 * Reads the values of a shape. Throws `FieldError` for a missing or bad field.
 *
 * A board refuses fields that it does not know (`unknown: 'refuse'`), a host ignores them: a
 * newer minor version may add fields to replies, but must not be misunderstood in requests.
 */
export function decodeFields<S extends Shape>(
  shape: S,
  fields: Fields,
  { unknown }: { readonly unknown: 'refuse' | 'ignore' },
): Values<S> {
  const declared = Object.entries(shape);
  if (unknown === 'refuse') {
    for (const key of fields.keys()) {
      if (!declared.some(([, field]) => field.key === key))
        throw new FieldError('unknown-field', key, 'is not a field of this verb');
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, field] of declared) {
    const spelled = fields.get(field.key);
    if (spelled === undefined && !field.isOptional)
      throw new FieldError('missing-field', field.key, 'is missing');
    values[name] = spelled === undefined ? undefined : field.decode(spelled);
  }
  return values as Values<S>;
}
