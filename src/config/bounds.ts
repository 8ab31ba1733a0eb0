/** How much of a document that somebody else wrote is let in: an experiment has 2 kB, 40 values and 3 levels. */
export const documentBounds = {
  /** Of a file, and of YAML in general. */
  bytes: 131_072,
  /** Maps and lists within each other. */
  depth: 32,
  /** Keys and items, those that aliases repeat among them. */
  values: 65_536,
} as const;

/** What is beyond the bounds of a value, as a sentence without subject; undefined where nothing is. */
export function excessOf(value: unknown): string | undefined {
  let seen = 0;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > documentBounds.depth)
      return `is nested more than ${documentBounds.depth} levels deep: expected fewer`;
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue;
      const inner: unknown[] = Array.isArray(each) ? each : Object.values(each);
      seen += inner.length;
      if (seen > documentBounds.values)
        return `has more than ${documentBounds.values.toLocaleString('en')} values: expected fewer`;
      for (const one of inner) if (typeof one === 'object' && one !== null) next.push(one);
    }
    level = next;
  }
  return undefined;
}
