import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChunkReader } from '../../src/influx/chunks.ts';
import { tagText, tagValue } from '../../src/influx/line-protocol.ts';
import { type Field, measurements } from '../../src/influx/measurements.ts';
import { Database } from '../../src/store/database.ts';
import type { Spool } from '../../src/store/spool.ts';
import { type Row, type Table, type TableName, tables } from '../../src/store/tables.ts';
import { parseLine } from '../support/line-protocol.ts';

const folder = mkdtempSync(join(tmpdir(), 'fnloop-lines-'));
let database: Database;
beforeAll(async () => {
  database = await Database.create(join(folder, 'run.duckdb'));
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** What hostile people call things. */
const name = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'\n\r\t\\,= "\'%{}#', '\u0000', '\u007f', 'é', '日', '🙂', '\u2028'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
});

const ofType: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  DOUBLE: fc.double(),
  INTEGER: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  BIGINT: fc.maxSafeInteger(),
  VARCHAR: name,
  JSON: fc.json(),
  WALL_NS: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
};

function rowsOf<Name extends TableName>(table: Name): fc.Arbitrary<Row<Name>[]> {
  const columns = Object.entries((tables[table] as Table).columns).map(([column, type]) => {
    const values = ofType[type.replace('?', '')] ?? fc.constant(null);
    return [column, type.endsWith('?') ? fc.option(values) : values] as const;
  });
  const row = fc.record(Object.fromEntries(columns)) as unknown as fc.Arbitrary<Row<Name>>;
  return fc.array(row, { minLength: 1, maxLength: 12 });
}

const names = fc.record({ board: name, run: name, task: name, policy: name });

const manifestOf = ({
  board,
  run,
  task,
  policy,
}: {
  board: string;
  run: string;
  task: string;
  policy: string;
}) =>
  ({
    runId: run,
    source: 'mock',
    experiment: { task: { name: task }, policy: { name: policy } },
    board: { identity: { boardId: board, clock: 'virtual' } },
  }) as unknown as Spool['manifest'];

const PLAIN_NAMES = { board: 'b', run: 'r', task: 't', policy: 'p' };

/** All lines of one table's rows from `firstRow` on, a few rows a chunk; `asked` takes what the file is asked for lines. */
async function linesOf(
  table: TableName,
  firstRow: number,
  manifest: Spool['manifest'],
  { rows, asked }: { readonly rows: number; readonly asked: string[] } = { rows: 5, asked: [] },
): Promise<string[]> {
  const end = new Map(
    measurements.map((measurement) => [measurement.name, measurement.table === table ? firstRow : 1e15]),
  );
  const source = {
    manifest,
    query: <T>(sql: string) => database.query<T>(sql),
    blobs: (sql: string) => {
      asked.push(sql);
      return database.blobs(sql);
    },
  };
  const reader = new ChunkReader(source, end, rows);
  const lines: string[] = [];
  for (;;) {
    const chunk = await reader.next();
    if (chunk === undefined) return lines;
    const text = Buffer.concat(chunk.lines).toString();
    expect(text.split('\n').length - 1).toBe(chunk.points);
    lines.push(...text.split('\n').slice(0, -1));
  }
}

const expectedField = ({ type }: Field, value: unknown): unknown => {
  if (value === null || value === undefined) return undefined;
  if (type === 'float') return Number.isFinite(value) ? Number(value) : undefined;
  return type === 'integer' ? BigInt(value as number) : String(value).replace(/[\n\r]/g, ' ');
};

/** DuckDB has one zero; InfluxDB would have two. */
const withOneZero = (value: unknown): unknown => (value === 0 ? 0 : value);

/** Every digit of everything, names in their order. */
const spelled = (point: object): string =>
  JSON.stringify(point, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value === undefined) return 'absent';
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort())
      : value;
  });

describe.each(['updates', 'events', 'link'] as const)('lines of %s', (table) => {
  const measurement = measurements.find((one) => one.table === table);
  if (measurement === undefined) throw new Error(`nothing is made of ${table}`);

  test('give every row back exactly, whatever is in it', async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(rowsOf(table), names, async (rows, called) => {
        await database.append({ [table]: rows });
        const points = (await linesOf(table, written, manifestOf(called))).map(parseLine);
        written += rows.length;
        expect(points.length).toBe(rows.length);
        const plain = measurement.fields.filter((field) => field.sql === field.name);
        const found = points.map(({ measurement: of, tags, fields, timeNs }) => ({
          of,
          timeNs,
          tags: Object.fromEntries(Object.entries(tags).map(([tag, value]) => [tag, tagText(value)])),
          fields: plain.map((field) => [field.name, withOneZero(fields[field.name])]),
        }));
        const expected = rows.map((row) => {
          const values = row as unknown as Readonly<Record<string, unknown>>;
          const ownTags = measurement.tags.map(({ name: tag, sql }) => [tag, values[sql]]);
          return {
            of: measurement.name,
            timeNs: values['time_ns'],
            tags: { ...called, source: 'mock', clock: 'virtual', ...Object.fromEntries(ownTags) },
            fields: plain.map((field) => [field.name, withOneZero(expectedField(field, values[field.name]))]),
          };
        });
        // Lines of a chunk come in any order.
        expect(new Set(found.map(spelled))).toEqual(new Set(expected.map(spelled)));
      }),
      { numRuns: 60 },
    );
  });
});

test('every finite float is sent with the digits that give it back, many rows at once', async () => {
  const bits = new BigUint64Array(1);
  const asDouble = new Float64Array(bits.buffer);
  const anyDouble = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((pattern) => {
    bits[0] = pattern;
    return Number.isFinite(asDouble[0]) ? (asDouble[0] ?? 0) : 0;
  });
  const [template] = fc.sample(rowsOf('updates'), { numRuns: 1, seed: 2 })[0] ?? [];
  if (template === undefined) throw new Error('no row');
  const sound = Object.fromEntries(
    Object.entries((tables.updates as Table).columns).flatMap(([column, type]) =>
      type === 'DOUBLE' ? [[column, 1.5]] : [],
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyDouble, { minLength: 200, maxLength: 200 }), async (values) => {
      const rows = values.map((value, index) => ({
        ...template,
        ...sound,
        update_id: index,
        bound_landauer_zj: value,
        wanted_v: index % 3 === 0 ? null : value,
      }));
      const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
        'SELECT count(*) AS count FROM updates',
      );
      await database.append({ updates: rows });
      const asked: string[] = [];
      const lines = await linesOf('updates', count, manifestOf(PLAIN_NAMES), { rows: 1000, asked });
      // None of them needed to be spelled with care.
      expect(asked.length).toBe(1);
      const points = lines.map(parseLine);
      expect(points.length).toBe(rows.length);
      for (const { fields } of points) {
        const row = rows[Number(fields['update_id'])];
        expect(withOneZero(fields['bound_landauer_zj'])).toBe(withOneZero(row?.bound_landauer_zj));
        expect(withOneZero(fields['wanted_v'])).toBe(withOneZero(row?.wanted_v ?? undefined));
      }
    }),
    { numRuns: 20 },
  );
});

test.each([
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
])('%s is left out of its point, and of no other', async (value) => {
  const [row] = fc.sample(rowsOf('updates'), { numRuns: 1, seed: 3 })[0] ?? [];
  if (row === undefined) throw new Error('no row');
  const rows = [1, value, 2].map((bound, index) => ({
    ...row,
    update_id: index,
    bound_landauer_zj: bound,
    amplitude_v: 4,
  }));
  const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
    'SELECT count(*) AS count FROM updates',
  );
  await database.append({ updates: rows });
  const points = (await linesOf('updates', count, manifestOf(PLAIN_NAMES))).map(parseLine);
  const bounds = points.map(({ fields }) => [Number(fields['update_id']), fields['bound_landauer_zj']]);
  expect(new Map(bounds as [number, unknown][])).toEqual(
    new Map<number, unknown>([
      [0, 1],
      [1, undefined],
      [2, 2],
    ]),
  );
  expect(points.every(({ fields }) => fields['amplitude_v'] === 4)).toBe(true);
});

test('a sigma is the root of its squared parts, and a ratio that nothing bounds is not sent', async () => {
  const [row] = fc.sample(rowsOf('updates'), { numRuns: 1, seed: 1 })[0] ?? [];
  if (row === undefined) throw new Error('no row');
  const parts = {
    charge_tunneled_noise_sigma_fc: 2,
    charge_tunneled_node_sigma_fc: 3,
    charge_tunneled_common_sigma_fc: 6,
  };
  const added = [0, 5].map((bound) => ({
    ...row,
    ...parts,
    energy_full_cycle_fj: 8,
    bound_matched_zj: bound,
  }));
  const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
    'SELECT count(*) AS count FROM updates',
  );
  await database.append({ updates: added });
  const points = (await linesOf('updates', count, manifestOf(PLAIN_NAMES))).map(parseLine);
  const withRatio = points.find(({ fields }) => 'ratio' in fields);
  const without = points.find((point) => point !== withRatio);
  expect(without?.fields).toMatchObject({ charge_tunneled_sigma_fc: 7 });
  expect(without?.fields).not.toHaveProperty('ratio');
  expect(withRatio?.fields).toMatchObject({ ratio: 1.6e6 });
});

test('every text has a spelling in a tag that gives it back, and no two share one', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(tagText(tagValue(one))).toBe(one);
      expect(tagValue(one)).not.toMatch(/[\p{Cc}\\]|^$/u);
      expect(tagValue(one) === tagValue(other)).toBe(one === other);
    }),
  );
});
