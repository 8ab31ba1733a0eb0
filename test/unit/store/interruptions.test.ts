import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { INTERRUPTION, settledAfter } from '../../../src/store/interruptions.ts';

test('a batch that was found open counts for one interruption, though two came after the same step', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE events (step INTEGER, name VARCHAR, detail JSON)');
  await connection.run('CREATE TABLE outcomes (intent BIGINT, verdict VARCHAR)');
  await connection.run(
    `INSERT INTO outcomes VALUES (1, 'executed'), (2, 'unrun'), (3, 'inferred'), (4, 'executed')`,
  );
  const query = async <T>(sql: string) =>
    (await connection.runAndReadAll(sql))
      .getRowObjects()
      .map(
        (row) =>
          Object.fromEntries(
            Object.entries(row).map(([key, value]) => [
              key,
              typeof value === 'bigint' ? Number(value) : value,
            ]),
          ) as T,
      );
  const settle = (step: number, ...intents: number[]) =>
    connection.run(`INSERT INTO events VALUES (${step}, 'settled-open', '${JSON.stringify({ intents })}')`);
  await settle(6, 1, 2);
  expect(await settledAfter({ query }, 5)).toEqual({ executed: 1, inferred: 0, unrun: 1 });
  await connection.run(`INSERT INTO events VALUES (5, '${INTERRUPTION}', '{}')`);
  expect(await settledAfter({ query }, 5)).toEqual({ executed: 0, inferred: 0, unrun: 0 });
  await settle(6, 3);
  await settle(6, 4);
  expect(await settledAfter({ query }, 5)).toEqual({ executed: 1, inferred: 1, unrun: 0 });
});
