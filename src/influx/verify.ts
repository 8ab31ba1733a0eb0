import type { RunReader } from '../store/run-reader.ts';
import { aggregatesOfDatabase } from './database-aggregates.ts';
import {
  type Aggregates,
  aggregatesOfFile,
  type FileAggregates,
  type Property,
  properties,
  segmentsOfFile,
  sentSql,
} from './file-aggregates.ts';
import { quoted } from './line-protocol.ts';
import { namesOf } from './lines.ts';
import { INFLUX_SCHEMA_VERSION, measurements } from './measurements.ts';
import type { Server } from './server.ts';

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
 * A database adds in plain double precision, whose error grows with the number of points: over windows of so many it stays
 * below 8.9e-13 of the sum of magnitudes. A segment is what one request is about.
 */
const SIZES = { pointsOfWindow: 8000, pointsOfSegment: 500_000 };
/** Relative to the sum of magnitudes, which for a field of one sign is the sum. */
const TOLERANCE_REL = 1e-12;

/** Compares count, sum and extrema of every field of every measurement of a run between its file and a database. */
export async function verifyRun(run: RunReader, server: Server, sizes = SIZES): Promise<Verification> {
  const { name: target } = server.target;
  const points: Record<string, number> = {};
  const differences: FieldDifference[] = [];
  for (const measurement of measurements) {
    const sent = sentSql(measurement, target);
    const inFile = await aggregatesOfFile(run, measurement, sent);
    const segments = await segmentsOfFile(run, sent, sizes);
    const inDatabase = await aggregatesOfDatabase(server, measurement, namesOf(run.manifest), segments);
    for (const { name: field } of measurement.fields) {
      const [file, database] = [inFile.get(field), inDatabase.get(field)];
      for (const property of properties) {
        if (file !== undefined && database !== undefined && agree(property, file, database)) continue;
        differences.push({
          measurement: measurement.name,
          field,
          property,
          inFile: file?.[property] ?? null,
          inDatabase: database?.[property] ?? null,
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
    fieldsCompared: measurements.reduce((sum, { fields }) => sum + fields.length, 0),
    differences,
  };
}

function agree(property: Property, file: FileAggregates, database: Aggregates): boolean {
  const [one, other] = [file[property], database[property]];
  if (property !== 'sum' || one === null || other === null) return one === other;
  return Math.abs(one - other) <= TOLERANCE_REL * file.magnitude;
}
