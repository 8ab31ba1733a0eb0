import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Database } from '../../../src/store/database.ts';
import { type Row, type Table, tables } from '../../../src/store/tables.ts';
import { temporaryFolder } from '../../support/folder.ts';

async function newDatabase(): Promise<Database> {
  const database = await Database.create(join(temporaryFolder(), 'run.duckdb'));
  onTestFinished(() => database.close());
  return database;
}

const event = (step: number, detail = '{}'): Row<'events'> => ({
  wall_ns: 1_700_000_000_123_456_789n,
  step,
  name: 'x',
  detail,
  time_ns: 1_700_000_000_123_456_789n,
});
const reading = (step: number): Row<'readings'> => ({
  step,
  boot_nonce: 7,
  board_time_us: Number.MAX_SAFE_INTEGER - step,
  converted_us: step * 1000 - 7,
  cell: step % 490,
  set_code: -(2 ** 23) + step,
  reset_code: 2 ** 23 - 1 - step,
  temperature_k: step % 2 === 0 ? null : 300 + step / 1000,
});
/** An update whose values differ from those of its neighbors, with nulls and long texts among them. */
function updateOf(index: number): Row<'updates'> {
  const valueOfType = {
    'DOUBLE?': index % 3 === 0 ? null : Math.PI * index,
    DOUBLE: Math.E ** (index % 700),
    VARCHAR: `ü ${'long '.repeat(index % 5)}${index}`,
    INTEGER: 7 - index,
    BIGINT: index * 2 ** 40,
    WALL_NS: 1_700_000_000_123_456_789n + BigInt(index),
  };
  const columns = Object.entries((tables.updates as Table).columns);
  return Object.fromEntries(
    columns.map(([column, type]) => [column, valueOfType[type as keyof typeof valueOfType]]),
  ) as unknown as Row<'updates'>;
}
const unfit = (value: unknown) => ({ ...event(0), step: value }) as Row<'events'>;
const stepsOf = async (database: Database, table: 'events' | 'readings') =>
  (await database.query<{ step: number }>(`SELECT step FROM ${table} ORDER BY rowid`)).map(
    ({ step }) => step,
  );
const failure = (message: RegExp) =>
  expect.objectContaining({ code: 'record-failed', message: expect.stringMatching(message) });

describe('appending', () => {
  test('gives back every value of every type, over several chunks', async () => {
    const database = await newDatabase();
    const readings = Array.from({ length: 5000 }, (_, step) => reading(step));
    const updates = Array.from({ length: 3000 }, (_, index) => updateOf(index));
    await database.append({ readings, updates });
    await database.append({ updates: updates.slice(0, 1), events: [event(1, '{"a":1}')] });
    expect(await database.query('SELECT * FROM readings ORDER BY rowid')).toEqual(readings);
    expect(await database.query('SELECT * FROM updates ORDER BY rowid')).toEqual([...updates, updates[0]]);
    expect(await database.query('SELECT * FROM events')).toEqual([event(1, '{"a":1}')]);
  });

  test('keeps what a chunk took after much text', async () => {
    const database = await newDatabase();
    const details = Array.from({ length: 8 }, (_, index) => JSON.stringify('x'.repeat(300_000 + index)));
    for (const [step, detail] of details.entries()) await database.append({ events: [event(step, detail)] });
    const rows = await database.query<Row<'events'>>('SELECT * FROM events ORDER BY rowid');
    expect(rows.map(({ detail }) => detail)).toEqual(details);
  });

  test.each([
    ['a missing value', unfit(undefined), /column step cannot hold undefined/],
    ['a text for a number', unfit('7'), /column step cannot hold 7 \(string\)/],
    ['a fraction for an integer', unfit(0.5), /integer/],
    ['an integer beyond 32 bits', unfit(2 ** 31), /range/],
    ['null where there is a value always', unfit(null), /NOT NULL/],
  ])('all or nothing: %s', async (_, bad, message) => {
    const database = await newDatabase();
    const readings = [reading(0), reading(1)];
    await expect(database.append({ readings, events: [event(1), bad] })).rejects.toEqual(failure(message));
    expect(await stepsOf(database, 'readings')).toEqual([]);
    expect(await stepsOf(database, 'events')).toEqual([]);
    await database.append({ readings, events: [event(2)] });
    expect(await stepsOf(database, 'readings')).toEqual([0, 1]);
    expect(await stepsOf(database, 'events')).toEqual([2]);
  });

  test('refuses whole numbers that a number does not hold', async () => {
    const database = await newDatabase();
    for (const value of [0.5, 2 ** 53, Number.NaN]) {
      const bad = { ...reading(1), board_time_us: value };
      await expect(database.append({ readings: [bad] })).rejects.toEqual(failure(/board_time_us/));
    }
  });

  test('calls that come together are stored in order, and fail each for itself', async () => {
    const database = await newDatabase();
    const calls = Array.from({ length: 60 }, (_, step) =>
      database.append({
        events: [step % 7 === 3 ? unfit(null) : event(step)],
        readings: Array.from({ length: step % 10 === 0 ? 3000 : 1 }, () => reading(step)),
      }),
    );
    const results = await Promise.allSettled(calls);
    const good = results.flatMap(({ status }, step) => (status === 'fulfilled' ? [step] : []));
    expect(good).toEqual(calls.map((_, step) => step).filter((step) => step % 7 !== 3));
    expect(await stepsOf(database, 'events')).toEqual(good);
    expect([...new Set(await stepsOf(database, 'readings'))]).toEqual(good);
  });
});
