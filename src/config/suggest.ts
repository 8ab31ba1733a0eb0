import { closest, distance } from 'fastest-levenshtein';

/** Longer names are near to none that is known. */
export const LONGEST_NAME = 60;

/** `'trian': did you mean 'train'?` when a known name is near; otherwise all that are known. */
export function suggest(found: string, known: readonly string[]): string {
  const nearest = known.length > 0 && found.length <= LONGEST_NAME ? closest(found, [...known]) : undefined;
  if (nearest !== undefined && distance(found, nearest) <= Math.max(2, Math.floor(nearest.length / 3))) {
    return `did you mean '${nearest}'?`;
  }
  return `expected one of ${known.join(', ')}`;
}
