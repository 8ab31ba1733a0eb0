import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noLinkStatistics } from '../../../src/board/link-statistics.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { SettledBatch } from '../../../src/scheduling/journal.ts';
import { RecordTimes } from '../../../src/store/record-times.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import type { Row } from '../../../src/store/tables.ts';
import { temporaryFolder } from '../../support/folder.ts';

const STARTED_NS = 1_700_000_000_000_000_000n;
const BOOT = 7;

const times = (clock: 'real' | 'virtual') =>
  new RecordTimes({
    clock,
    anchor: { bootNonce: BOOT, boardTimeUs: 1_000, timeNs: STARTED_NS },
    latestNs: new Map(),
  });

/** A batch of two slots that took 100 us from `startedUs`: updates n and n + 1 in the first, n + 2 in the second. */
function settled(n: number, startedUs: number, bootNonce = BOOT): SettledBatch {
  const pulse = (update: number, slot: number) => ({ update, slot, cell: 0, kind: 'SET' as const, wave: 0 });
  const pulses = [pulse(n, 0), pulse(n + 1, 0), pulse(n + 2, 1)];
  const outcome = {
    batch: n,
    startedUs,
    boardTimeUs: startedUs + 100,
    slotsDone: 2,
    codes: new Int32Array(6),
  };
  const batch = { intent: n, batch: n, gapUs: 0, slots: [pulses.slice(0, 2), pulses.slice(2)], pulses };
  return { batch, bootNonce, verdict: { kind: 'executed', outcome } };
}

test('an update on virtual time stands where its slot began, and no two stand at the same time', () => {
  const record = times('virtual');
  record.note(settled(1, 2_000));
  record.step({ bootNonce: BOOT, boardTimeUs: 3_000 }, 5n);
  expect(record.updates([1, 2, 3])).toEqual(
    [1_000_000n, 1_000_001n, 1_050_000n].map((ns) => STARTED_NS + ns),
  );
});

test('the order of rows does not change their times', () => {
  const record = times('virtual');
  record.note(settled(1, 2_000));
  expect(record.updates([3, 1, 2])).toEqual(
    [1_050_000n, 1_000_000n, 1_000_001n].map((ns) => STARTED_NS + ns),
  );
});

test('on real time the last step says what the board clock is, and times never fall', () => {
  const record = times('real');
  record.note(settled(1, 9_000));
  const endNs = STARTED_NS + 3_600_000_000_000n;
  expect(record.step({ bootNonce: BOOT, boardTimeUs: 10_000 }, endNs)).toBe(endNs);
  expect(record.updates([1, 2, 3])).toEqual([endNs - 1_000_000n, endNs - 999_999n, endNs - 950_000n]);
  // The wall clock is set back by an hour.
  record.note(settled(4, 19_000));
  expect(record.step({ bootNonce: BOOT, boardTimeUs: 20_000 }, STARTED_NS)).toBe(endNs + 1n);
  expect(record.updates([4, 5, 6])).toEqual([1n, 2n, 3n].map((ns) => endNs - 950_000n + ns));
});

test('a restart of the board goes on where its clock stood', () => {
  const record = times('virtual');
  const before = record.step({ bootNonce: BOOT, boardTimeUs: 50_000 }, 0n);
  expect(before).toBe(STARTED_NS + 49_000_000n);
  const after = record.step({ bootNonce: BOOT + 1, boardTimeUs: 20 }, 0n);
  expect(after).toBe(before + 20_000n);
  record.note(settled(1, 100, BOOT + 1));
  expect(record.updates([1])).toEqual([before + 100_000n]);
});

test('an update of which no time is known stands right after the one before it', () => {
  const record = times('virtual');
  record.note(settled(1, 2_000));
  expect(record.updates([1, 2, 99])).toEqual(
    [1_000_000n, 1_000_001n, 1_000_002n].map((ns) => STARTED_NS + ns),
  );
  expect(record.updates([100])).toEqual([STARTED_NS + 1_000_003n]);
});

test('a run that is gone on with goes on from its own last times', async () => {
  const folder = join(temporaryFolder(), 'r');
  const step = (number: number, boardTimeUs: number) =>
    ({
      step: number,
      board_time_us: boardTimeUs,
      energy_readout_fj: null,
      energy_board_fj: null,
      wall_ns: 0n,
      updates: 0,
      pulses: 0,
      clipped: 0,
      epoch: 0,
      common_mode_v: 0,
      train_accuracy: null,
      test_accuracy: null,
      train_loss: null,
    }) as Row<'steps'>;
  const reading = (boardTimeUs: number) => ({
    bootNonce: BOOT,
    boardTimeUs,
    temperatureK: undefined,
    cells: [{ cell: 0, setCode: 1, resetCode: 1, convertedUs: 1 }],
  });
  const link = noLinkStatistics();
  const file = await RunFile.create(folder, systemClock);
  await file.begin({ board: { identity: { clock: 'virtual', bootNonce: BOOT, boardTimeUs: 0 } } });
  await file.record({ step: step(1, 500), reading: reading(500), updates: [], link });
  file.close();
  const again = await RunFile.reopen(folder, systemClock);
  await again.record({ step: step(2, 800), reading: reading(800), updates: [], link });
  await again.event(2, 'x', {});
  await again.end('finished', link);
  await RunReader.with(folder, async (run) => {
    const [first, second] = await run.rows('steps');
    const startedNs = BigInt(run.manifest.startedWallNs);
    expect([first?.time_ns, second?.time_ns]).toEqual([startedNs + 500_000n, startedNs + 800_000n]);
    const links = (await run.rows('link')).map((row) => row.time_ns);
    expect(new Set(links).size).toBe(3);
  });
});
