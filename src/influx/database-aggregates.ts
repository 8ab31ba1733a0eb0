import { escape as influxQl } from 'influx';
import { type Aggregates, isNumber, type Segment } from './file-aggregates.ts';
import { tagValue } from './line-protocol.ts';
import type { RunNames } from './lines.ts';
import type { Field, Measurement } from './measurements.ts';
import type { AnswerRow, Server } from './server.ts';

/** Segments asked for at once: a server has more than one processor. */
const REQUESTS_AT_ONCE = 2;
/** Where a segment has no end. Without any, a database takes grouped points up to the present only. */
const ALL_TIME_NS = { first: -9223372036854775806n, last: 9223372036854775806n };

/**
 * What a database holds of a run. Counts, extrema and sums of integers are exact whatever the number of points, and asked
 * for over a segment at once; floats are added there over windows, and windows are added here.
 */
export async function aggregatesOfDatabase(
  server: Server,
  { name, fields }: Measurement,
  names: RunNames,
  segments: readonly Segment[],
): Promise<Map<string, Aggregates>> {
  const { quoted, stringLit } = influxQl;
  const tags = Object.entries(names).map(([tag, text]) => `${quoted(tag)} = ${stringLit(tagValue(text))}`);
  const totals = fields.map((field) => ({ field, total: new Total() }));
  const floats = fields.filter(({ type }) => type === 'float');
  const waiting = segments.values();
  const work = async () => {
    for (const { startNs = ALL_TIME_NS.first, endNs = ALL_TIME_NS.last, windowNs } of waiting) {
      const from = `FROM ${quoted(name)} WHERE ${[...tags, `time >= ${startNs}`, `time < ${endNs}`].join(' AND ')}`;
      const sums = floats.map((field) => aggregate('sum', field));
      const [exact = [], grouped = []] = await server.rows([
        `SELECT ${fields.flatMap(exactAggregates).join(', ')} ${from}`,
        ...(sums.length === 0
          ? []
          : [`SELECT ${sums.join(', ')} ${from} GROUP BY time(${windowNs}ns) fill(none)`]),
      ]);
      for (const { field, total } of totals)
        for (const row of [...exact, ...grouped]) total.add(row, field.name);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work));
  return new Map(totals.map(({ field, total }) => [field.name, total.aggregates]));
}

const aggregate = (property: string, { name }: Field): string =>
  `${property}(${influxQl.quoted(name)}) AS ${influxQl.quoted(`${property} ${name}`)}`;

function exactAggregates(field: Field): string[] {
  const exact = isNumber(field) ? ['count', 'min', 'max'] : ['count'];
  return [...exact, ...(field.type === 'integer' ? ['sum'] : [])].map((property) =>
    aggregate(property, field),
  );
}

/** Aggregates over parts, sums added with Neumaier's correction. */
class Total {
  #count = 0;
  #sum: number | null = null;
  #correction = 0;
  #min: number | null = null;
  #max: number | null = null;

  add(row: AnswerRow, field: string): void {
    const of = (property: string) => {
      const value = row[`${property} ${field}`];
      return typeof value === 'number' ? value : null;
    };
    this.#count += of('count') ?? 0;
    const [sum, min, max] = [of('sum'), of('min'), of('max')];
    if (sum !== null) this.#addSum(sum);
    if (min !== null) this.#min = Math.min(this.#min ?? min, min);
    if (max !== null) this.#max = Math.max(this.#max ?? max, max);
  }

  get aggregates(): Aggregates {
    return {
      count: this.#count,
      sum: this.#sum === null ? null : this.#sum + this.#correction,
      min: this.#min,
      max: this.#max,
    };
  }

  #addSum(sum: number): void {
    const before = this.#sum ?? 0;
    const next = before + sum;
    this.#correction += Math.abs(before) >= Math.abs(sum) ? before - next + sum : sum - next + before;
    this.#sum = next;
  }
}
