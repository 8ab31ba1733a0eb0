import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { stress } from '../support/stress/stress.ts';

/** What one of the two tables that are read at once may take; a minute does not tell whether memory is flat, the benchmark does. */
const MOST_GROWTH_MB = 256;

test('a minute of all at once: four boards, twenty clients, stalled readers, InfluxDB killed twice, boards unplugged', {
  timeout: 300_000,
}, async () => {
  const found = await stress({
    ...{ folder: temporaryFolder(), quietS: 0, loadedS: 60, stepsOfRun: 150 },
    note: () => {},
  });
  expect(found.faults).toEqual([]);
  expect(found.books.runs).toBeGreaterThanOrEqual(8);
  expect(found.answeredMs.length).toBeGreaterThan(500);
  expect(found.loaded.daemonMemory.growthMB).toBeLessThan(MOST_GROWTH_MB);
});
