import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Database } from '../../../src/store/database.ts';
import type { Row } from '../../../src/store/tables.ts';
import { temporaryFolder } from '../../support/folder.ts';

const ROUNDS = 5;

/** Fills the places of a chunk again with a text, a null, the same text once more. */
const outcome = (intent: number, round: number): Row<'outcomes'> => {
  const isNull = (intent + round) % 3 === 0;
  return {
    intent,
    verdict: ['executed', 'inferred', 'inferred', 'unrun'][(intent + round) % 4] ?? '',
    slots_done: round,
    confidence: isNull ? null : intent / 7,
    started_us: isNull ? null : intent,
    board_time_us: null,
    slack_us: isNull ? intent - 100 : null,
  };
};

test('gives back what stands in the places of earlier rows, in whatever order its values come', async () => {
  const database = await Database.create(join(temporaryFolder(), 'run.duckdb'));
  onTestFinished(() => database.close());
  const all: Row<'outcomes'>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = Array.from({ length: 100 }, (_, intent) => outcome(intent, round));
    all.push(...rows);
    const turned = rows.map(
      (row) => Object.fromEntries(Object.entries(row).reverse()) as unknown as Row<'outcomes'>,
    );
    await database.append({ outcomes: round % 2 === 0 ? rows : turned });
  }
  expect(await database.query('SELECT * FROM outcomes ORDER BY rowid')).toEqual(all);
});
