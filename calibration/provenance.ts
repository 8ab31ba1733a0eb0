/**
 * Where a number comes from: `defined` by the SI or measured for it, `published` in the paper named,
 * `derived` for this project from first principles, `assumed` because nobody has measured it for us.
 */
export type Provenance = 'defined' | 'published' | 'derived' | 'assumed';

/** A constant that remembers where it comes from, so that a lab can see what to replace. */
export interface Sourced {
  readonly value: number;
  readonly unit: string;
  readonly provenance: Provenance;
  readonly source: string;
}
