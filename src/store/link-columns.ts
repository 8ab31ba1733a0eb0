import type { LinkStatistics } from '../board/link-statistics.ts';
import { snakeCase } from '../core/format.ts';

type Snake<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : Name;
type ColumnOf<Value> = null extends Value ? 'DOUBLE?' : 'BIGINT' | 'DOUBLE';

/** A column for each counter of a link. */
export const linkColumns = {
  lines_sent: 'BIGINT',
  lines_received: 'BIGINT',
  bytes_sent: 'BIGINT',
  bytes_received: 'BIGINT',
  bad_checksums: 'BIGINT',
  bad_forms: 'BIGINT',
  stray_replies: 'BIGINT',
  lost_replies: 'BIGINT',
  timeouts: 'BIGINT',
  repeated: 'BIGINT',
  batches_resent: 'BIGINT',
  outcomes_recovered: 'BIGINT',
  duplicates_refused: 'BIGINT',
  late_batches: 'BIGINT',
  low_slack: 'BIGINT',
  reconnects: 'BIGINT',
  reboots: 'BIGINT',
  disarmings: 'BIGINT',
  round_trip_ms: 'DOUBLE',
  least_slack_us: 'DOUBLE?',
} as const satisfies {
  readonly [Name in keyof LinkStatistics as Snake<Name>]: ColumnOf<LinkStatistics[Name]>;
};

type LinkValues = { readonly [Name in keyof LinkStatistics as Snake<Name>]: LinkStatistics[Name] };

/** The counters under the names of their columns. */
export const linkValues = (statistics: LinkStatistics): LinkValues =>
  Object.fromEntries(
    Object.entries(statistics).map(([name, value]) => [snakeCase(name), value]),
  ) as unknown as LinkValues;

/**
 * SQL for one row with the counters of the whole run, under the names of the statistics: sessions add up, but for the
 * time of a round trip, which is the last one's, and the least slack.
 */
export const linkTotals = (names: readonly (keyof LinkStatistics)[]): string => {
  const total = (name: keyof LinkStatistics) => {
    const column = snakeCase(name);
    if (name === 'leastSlackUs') return `min(${column})`;
    if (name === 'roundTripMs') return `arg_max(${column}, session)`;
    return `sum(${column})::BIGINT`;
  };
  return `WITH sessions AS (SELECT * FROM link QUALIFY row_number() OVER (PARTITION BY session ORDER BY rowid DESC) = 1)
    SELECT ${names.map((name) => `${total(name)} AS "${name}"`).join(', ')} FROM sessions`;
};
