import type { Size } from './benchmark.ts';

/** Reads `--updates N` or `--minutes N`; undefined for anything else. */
export function sizeOf(options: readonly string[]): Size | undefined {
  if (options.length === 0) return {};
  const [name, text = '', ...others] = options;
  const value = Number(text);
  if (others.length > 0 || !(value > 0)) return undefined;
  if (name === '--updates' && Number.isSafeInteger(value)) return { updates: value };
  if (name === '--minutes' && Number.isFinite(value)) return { minutes: value };
  return undefined;
}
