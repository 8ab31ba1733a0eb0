/**
 * Where a number comes from: `defined` by the SI or measured for it, `published` in the paper named,
 * `derived` for this project from first principles, `assumed` because nobody has measured it for us.
 */
export type Provenance = 'defined' | 'published' | 'derived' | 'assumed';
