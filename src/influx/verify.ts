import { escape as influxQl } from 'influx';
import type { RunReader } from '../store/run-reader.ts';
import { quoted, tagValue } from './line-protocol.ts';
import { namesOf, pointsSql } from './lines.ts';
import { type Field, INFLUX_SCHEMA_VERSION, type Measurement, measurements } from './measurements.ts';
import type { AnswerRow, Server } from './server.ts';

const properties = ['count', 'sum', 'min', 'max'] as const;
type Property = (typeof properties)[number];
type Aggregates = Partial<Record<Property, number | null>>;

/** A property of a field on which run file and database do not agree. */
export interface FieldDifference {
  readonly measurement: string;
  readonly field: string;
  readonly property: Property;
  readonly inFile: number | null;
  readonly inDatabase: number | null;
}

export interface Verification {
  readonly runId: string;
  readonly target: string;
  /** Points of each measurement in the run file, without those set aside. */
  readonly points: Readonly<Record<string, number>>;
  readonly setAside: number;
  readonly fieldsCompared: number;
  readonly differences: readonly FieldDifference[];
}

/**
 * A database adds in plain double precision, whose error grows with the number of points: where all are alike it would
 * pass the tolerance. Over windows of so many points it stays below 2.3e-13, and windows are added here.
 */
const POINTS_OF_WINDOW = 2000;
const WINDOWS_OF_REQUEST = 25;
/** Relative to the sum of magnitudes, which for a field of one sign is the sum. */
const TOLERANCE_REL = 1e-12;

/** Compares count, sum and extrema of every field of every measurement of a run between its file and a database. */
export async function verifyRun(run: RunReader, server: Server): Promise<Verification> {
  const { name: target } = server.target;
  const points: Record<string, number> = {};
  const differences: FieldDifference[] = [];
  let fieldsCompared = 0;
  for (const measurement of measurements) {
    const where = `time_of_point NOT IN (SELECT time_ns FROM set_aside WHERE target = ${quoted(target)} AND schema = ${INFLUX_SCHEMA_VERSION} AND measurement = ${quoted(measurement.name)})`;
    const sent = `${pointsSql(measurement, 'true')}, sent AS (SELECT * FROM (SELECT *, ${measurement.timeNs} AS time_of_point FROM p) WHERE ${where})`;
    const inFile = await aggregatesOfFile(run, measurement, sent);
    const starts = await run.query<{ startNs: bigint }>(`${sent}
      SELECT time_of_point AS "startNs" FROM (SELECT time_of_point, row_number() OVER (ORDER BY time_of_point) AS n FROM sent)
      WHERE n % ${POINTS_OF_WINDOW} = 1 ORDER BY 1`);
    const inDatabase = await aggregatesOfDatabase(
      run,
      server,
      measurement,
      starts.map(({ startNs }) => BigInt(startNs)),
    );
    for (const field of measurement.fields) {
      fieldsCompared += 1;
      const [file, database] = [inFile.get(field.name) ?? {}, inDatabase.get(field.name) ?? {}];
      for (const property of properties) {
        if (agree(property, file, database)) continue;
        differences.push({
          measurement: measurement.name,
          field: field.name,
          property,
          inFile: file[property] ?? null,
          inDatabase: database[property] ?? null,
        });
      }
    }
    points[measurement.name] = inFile.get(measurement.fields[0].name)?.count ?? 0;
  }
  const [refused] = await run.query<{ count: number }>(
    `SELECT count(*) AS count FROM set_aside WHERE target = ${quoted(target)} AND schema = ${INFLUX_SCHEMA_VERSION}`,
  );
  return {
    runId: run.manifest.runId,
    target,
    points,
    setAside: refused?.count ?? 0,
    fieldsCompared,
    differences,
  };
}

interface FileAggregates extends Aggregates {
  readonly magnitude?: number;
}

function agree(property: Property, file: FileAggregates, database: Aggregates): boolean {
  const [one, other] = [file[property] ?? null, database[property] ?? null];
  if (one === null || other === null) return one === other;
  if (property !== 'sum') return one === other;
  return Math.abs(one - other) <= TOLERANCE_REL * (file.magnitude ?? 0);
}

/** Texts are counted only. */
const isNumber = ({ type }: Field) => type !== 'string';

async function aggregatesOfFile(
  run: RunReader,
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
    fields.map((field, index) => {
      const of = (property: string) => row[`${property}_${index}`] ?? null;
      return [
        field.name,
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

async function aggregatesOfDatabase(
  run: RunReader,
  server: Server,
  measurement: Measurement,
  startsNs: readonly bigint[],
): Promise<Map<string, Aggregates>> {
  const totals = new Map(measurement.fields.map(({ name }) => [name, new Total()]));
  // The first window reaches back to all that there is, the last one on to it.
  const boundsNs = [undefined, ...startsNs.slice(1), undefined];
  const statements = boundsNs
    .slice(1)
    .map((endNs, index) => windowQuery(run, measurement, boundsNs[index], endNs));
  for (let first = 0; first < statements.length; first += WINDOWS_OF_REQUEST) {
    const answers = await server.rows(statements.slice(first, first + WINDOWS_OF_REQUEST));
    for (const [row] of answers) {
      if (row === undefined) continue;
      for (const [index, { name }] of measurement.fields.entries()) totals.get(name)?.add(row, index);
    }
  }
  return new Map([...totals].map(([name, total]) => [name, total.aggregates]));
}

function windowQuery(
  run: RunReader,
  { name, fields }: Measurement,
  startNs: bigint | undefined,
  endNs: bigint | undefined,
): string {
  const { quoted: identifier, stringLit } = influxQl;
  const names = namesOf(run.manifest);
  const aggregates = fields.flatMap((field, index) =>
    (isNumber(field) ? properties : (['count'] as const)).map(
      (property) => `${property}(${identifier(field.name)}) AS ${property}_${index}`,
    ),
  );
  const conditions = [
    ...Object.entries(names).map(([tag, text]) => `${identifier(tag)} = ${stringLit(tagValue(text))}`),
    ...(startNs === undefined ? [] : [`time >= ${startNs}`]),
    ...(endNs === undefined ? [] : [`time < ${endNs}`]),
  ];
  return `SELECT ${aggregates.join(', ')} FROM ${identifier(name)} WHERE ${conditions.join(' AND ')}`;
}

/** Aggregates over windows, added with Neumaier's correction. */
class Total {
  #count = 0;
  #sum = 0;
  #correction = 0;
  #min: number | null = null;
  #max: number | null = null;

  add(row: AnswerRow, index: number): void {
    const of = (property: Property) => {
      const value = row[`${property}_${index}`];
      return typeof value === 'number' ? value : null;
    };
    this.#count += of('count') ?? 0;
    const [sum, min, max] = [of('sum'), of('min'), of('max')];
    if (sum !== null) {
      const next = this.#sum + sum;
      this.#correction +=
        Math.abs(this.#sum) >= Math.abs(sum) ? this.#sum - next + sum : sum - next + this.#sum;
      this.#sum = next;
    }
    if (min !== null) this.#min = Math.min(this.#min ?? min, min);
    if (max !== null) this.#max = Math.max(this.#max ?? max, max);
  }

  get aggregates(): Aggregates {
    const isEmpty = this.#min === null;
    return {
      count: this.#count,
      sum: isEmpty ? null : this.#sum + this.#correction,
      min: this.#min,
      max: this.#max,
    };
  }
}
