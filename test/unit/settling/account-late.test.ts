import { join } from 'node:path';
import { expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { accountLate } from '../../../src/settling/account-late.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { experimentUnder } from '../../support/training.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

test('rounds that nobody accounted for become one update a node; of training, the later kind of a cell corrects', async () => {
  const { address, identity } = await boardOn(wireTo(createMockBoard({ preset: 'dam-a', cells: 4 })));
  const device = devices['dam-a'];
  if (device === undefined) throw new Error('dam-a is gone');
  const run = { board: { address, identity }, device, experiment: experimentUnder('write-verify') };
  const file = await RunFile.create(join(temporaryFolder(), 'run'), systemClock);
  await file.waves([{ wave: 0, amplitudeV: 0.2236, widthUs: 200_000, dacCode: 2931 }]);
  const rounds = [
    {
      step: 1,
      updates: [
        [1, 'SET', 0],
        [2, 'SET', 1],
      ],
    },
    {
      step: 1,
      updates: [
        [1, 'SET', 0],
        [3, 'RESET', 1],
      ],
    },
    { step: 1, updates: [[2, 'SET', 1]] },
    { step: 2, updates: [[4, 'RESET', 1]] },
  ] as const;
  for (const [index, { step, updates }] of rounds.entries()) {
    const pulses = updates.map(([update, kind, cell]) => ({ update, kind, cell, wave: 0, slot: 0 }));
    const batch = { intent: index + 1, batch: index + 1, gapUs: 0, slots: [pulses], pulses };
    await file.intend([batch], { step, bootNonce: 1 });
    const codes = Int32Array.from(pulses.flatMap(() => [7_130_316, 7_130_200]));
    const outcome = { batch: index + 1, startedUs: index, boardTimeUs: index + 1, slotsDone: 1, codes };
    await file.settle([{ batch, bootNonce: 1, verdict: { kind: 'executed', outcome } }]);
  }
  expect(await accountLate(file, run, 'train')).toBe(4);
  expect(await accountLate(file, run, 'train')).toBe(0);
  const rows = await file.query(
    'SELECT update_id AS id, step, purpose, cell, kind, nth_of_cell AS nth, pulses, width_us AS "widthUs" FROM updates ORDER BY id',
  );
  file.close();
  expect(rows).toEqual([
    { id: 1, step: 1, purpose: 'train', cell: 0, kind: 'SET', nth: 1, pulses: 2, widthUs: 400_000 },
    { id: 2, step: 1, purpose: 'train', cell: 1, kind: 'SET', nth: 1, pulses: 2, widthUs: 400_000 },
    { id: 3, step: 1, purpose: 'correct', cell: 1, kind: 'RESET', nth: 2, pulses: 1, widthUs: 200_000 },
    { id: 4, step: 2, purpose: 'train', cell: 1, kind: 'RESET', nth: 3, pulses: 1, widthUs: 200_000 },
  ]);
});
