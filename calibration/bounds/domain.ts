/** Wider numbers resolve nothing that a physical quantity has, and 4^b of them would leave the range of a double. */
const MOST_BITS = 128;

/** `value` where it is finite and above `limit`. Throws RangeError with name, expectation and what was found. */
export function above(name: string, value: number, limit: number): number {
  if (value > limit && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`${name}: expected a value above ${limit}, found ${value}`);
}

/** `value` where it is finite and not below `limit`. Throws RangeError. */
export function atLeast(name: string, value: number, limit: number): number {
  if (value >= limit && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`${name}: expected a value of at least ${limit}, found ${value}`);
}

/** Bits of a parameter, whole or not. Throws RangeError unless above 0 and at most 128. */
export function resolvableBits(bits: number): number {
  if (bits > 0 && bits <= MOST_BITS) return bits;
  throw new RangeError(`bits: expected a value above 0 and at most ${MOST_BITS}, found ${bits}`);
}

/** What `bounds` gives, or undefined where the theory refuses it by a RangeError. */
export function whereAllowed<T>(bounds: () => T): T | undefined {
  try {
    return bounds();
  } catch (refusal) {
    if (refusal instanceof RangeError) return undefined;
    throw refusal;
  }
}
