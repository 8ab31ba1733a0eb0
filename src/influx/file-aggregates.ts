import { quoted } from './line-protocol.ts';
import { pointsSql } from './lines.ts';
import { type Field, INFLUX_SCHEMA_VERSION, type Measurement } from './measurements.ts';

/** Someone who can ask a run file. */
export interface Asked {
  query<T>(sql: string): Promise<T[]>;
}

export const properties = ['count', 'sum', 'min', 'max'] as const;
export type Property = (typeof properties)[number];
/** What the values of a field come to; of texts only the count. */
export type Aggregates = Readonly<Record<Property, number | null>>;

export interface FileAggregates extends Aggregates {
  /** Sum of magnitudes. */
  readonly magnitude: number;
}

/** Points from a time on, up to that at which the next ones begin; the first and the last reach as far as there is time. */
export interface Segment {
  readonly startNs: bigint | undefined;
  readonly endNs: bigint | undefined;
  /** Windows of this width, counted from 1970, hold `pointsOfWindow` points at most. */
  readonly windowNs: bigint;
}

/** Texts are counted only. */
export const isNumber = ({ type }: Field): boolean => type !== 'string';

/** SQL for the points of a run that a target was sent and did not refuse, as relation `sent` with `time_of_point`. */
export function sentSql(measurement: Measurement, target: string): string {
  const refused = `SELECT time_ns FROM set_aside WHERE target = ${quoted(target)} AND schema = ${INFLUX_SCHEMA_VERSION} AND measurement = ${quoted(measurement.name)}`;
  return `${pointsSql(measurement, 'true')}, sent AS (
    SELECT * FROM (SELECT *, ${measurement.timeNs} AS time_of_point FROM p) WHERE time_of_point NOT IN (${refused}))`;
}

export async function aggregatesOfFile(
  run: Asked,
  { fields }: Measurement,
  sent: string,
): Promise<Map<string, FileAggregates>> {
  const columns = fields.flatMap((field, index) => {
    // A count of what is not sent would be a difference.
    const value =
      field.type === 'float' ? `CASE WHEN isfinite(${field.sql}) THEN ${field.sql} END` : field.sql;
    const number = `(${value})::DOUBLE`;
    return [
      `count(${value}) AS count_${index}`,
      ...(isNumber(field)
        ? [
            `fsum(${number}) AS sum_${index}`,
            `fsum(abs(${number})) AS magnitude_${index}`,
            `min(${number}) AS min_${index}`,
            `max(${number}) AS max_${index}`,
          ]
        : []),
    ];
  });
  const [row = {}] = await run.query<Record<string, number | null>>(
    `${sent} SELECT ${columns.join(', ')} FROM sent`,
  );
  return new Map(
    fields.map(({ name }, index) => {
      const of = (property: string) => row[`${property}_${index}`] ?? null;
      return [
        name,
        {
          count: of('count'),
          sum: of('sum'),
          min: of('min'),
          max: of('max'),
          magnitude: of('magnitude') ?? 0,
        },
      ];
    }),
  );
}

/** Cuts the time of the points into segments of so many points each, and finds the windows of each. */
export async function segmentsOfFile(
  run: Asked,
  sent: string,
  { pointsOfSegment, pointsOfWindow }: { readonly pointsOfSegment: number; readonly pointsOfWindow: number },
): Promise<Segment[]> {
  const rows = await run.query<{ startNs: bigint | number }>(`${sent}
    SELECT time_of_point AS "startNs" FROM (SELECT time_of_point, row_number() OVER () AS n FROM sent)
    WHERE n % ${pointsOfSegment} = 1 ORDER BY 1`);
  const [, ...startsNs] = rows.map(({ startNs }) => BigInt(startNs));
  const segments: Segment[] = [];
  for (const [index, startNs] of [undefined, ...startsNs].entries()) {
    const endNs = startsNs[index];
    const windowNs = await windowWidth(run, `${sent} SELECT time_of_point AS t FROM sent`, {
      startNs,
      endNs,
      pointsOfWindow,
    });
    segments.push({ startNs, endNs, windowNs });
  }
  return segments;
}

/** The widest of a few that leaves no window with more points; points of a run are never at the same time. */
async function windowWidth(
  run: Asked,
  times: string,
  {
    startNs,
    endNs,
    pointsOfWindow,
  }: Pick<Segment, 'startNs' | 'endNs'> & { readonly pointsOfWindow: number },
): Promise<bigint> {
  const inSegment = [
    ...(startNs === undefined ? [] : [`t >= ${startNs}`]),
    ...(endNs === undefined ? [] : [`t < ${endNs}`]),
    'true',
  ].join(' AND ');
  const [span] = await run.query<{ count: number; spanNs: bigint | number | null }>(
    `SELECT count(*) AS count, max(t) - min(t) AS "spanNs" FROM (${times}) WHERE ${inSegment}`,
  );
  if (span === undefined || span.spanNs === null) return 1n;
  const windows = BigInt(Math.ceil((2 * span.count) / pointsOfWindow));
  for (let widthNs = BigInt(span.spanNs) / windows + 1n; ; widthNs = (widthNs + 1n) / 2n) {
    const [most] = await run.query<{ points: number | null }>(
      `SELECT max(points) AS points FROM (SELECT count(*) AS points FROM (${times}) WHERE ${inSegment} GROUP BY t // ${widthNs})`,
    );
    if (widthNs === 1n || (most?.points ?? 0) <= pointsOfWindow) return widthNs;
  }
}
