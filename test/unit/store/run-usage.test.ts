import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { usageOf } from '../../../src/store/run-usage.ts';
import type { Row } from '../../../src/store/tables.ts';
import { type Table, tables } from '../../../src/store/tables.ts';
import { temporaryFolder } from '../../support/folder.ts';

const updateRow = (over: Partial<Row<'updates'>>): Row<'updates'> => {
  const blank = Object.entries((tables.updates as Table).columns).map(([column, type]) => [
    column,
    type.startsWith('VARCHAR') ? 'x' : 0,
  ]);
  return { ...Object.fromEntries(blank), ...over };
};

const pulses = [
  { update: 1, slot: 0, cell: 0, kind: 'SET' as const, wave: 0 },
  { update: 2, slot: 0, cell: 1, kind: 'RESET' as const, wave: 1 },
  { update: 3, slot: 1, cell: 0, kind: 'SET' as const, wave: 1 },
];
const batch = { intent: 1, batch: 1, gapUs: 0, slots: [pulses.slice(0, 2), pulses.slice(2)], pulses };
const outcome = (slotsDone: number) => ({
  batch: 1,
  startedUs: 0,
  boardTimeUs: 1,
  slotsDone,
  codes: new Int32Array(6),
});

async function usageWith(fill: (file: RunFile) => Promise<void>) {
  const file = await RunFile.create(join(temporaryFolder(), 'r'), systemClock);
  try {
    await file.waves([
      { wave: 0, amplitudeV: 2, widthUs: 100_000, dacCode: 1 },
      { wave: 1, amplitudeV: 2, widthUs: 300_000, dacCode: 1 },
    ]);
    await file.intend([batch], { step: 1, bootNonce: 9 });
    await fill(file);
    const { nodes, unsettled } = await usageOf(file);
    return { nodes: Object.fromEntries(nodes.entries()), unsettled };
  } finally {
    file.close();
  }
}

test('counts pulses, volt-seconds and charge of each node', async () => {
  const usage = await usageWith(async (file) => {
    await file.settle([{ batch, bootNonce: 9, verdict: { kind: 'executed', outcome: outcome(2) } }]);
    await file.recordLate([
      updateRow({ update_id: 1, cell: 0, kind: 'SET', charge_tunneled_fc: 0.5 }),
      updateRow({ update_id: 2, cell: 1, kind: 'RESET', charge_tunneled_fc: -0.01 }),
      updateRow({ update_id: 3, cell: 0, kind: 'SET', charge_tunneled_fc: 1.5 }),
    ]);
  });
  expect(usage).toEqual({
    nodes: {
      0: { pulses: 2, voltSeconds: expect.closeTo(0.8, 12), chargeFC: 2 },
      // A reading that is off by its noise does not give a node its charge back.
      3: { pulses: 1, voltSeconds: expect.closeTo(0.6, 12), chargeFC: 0 },
    },
    unsettled: 0,
  });
});

test('what was cut did not happen; what is not accounted for is said to be missing', async () => {
  const usage = await usageWith((file) =>
    file.settle([{ batch, bootNonce: 9, verdict: { kind: 'inferred', slotsDone: 1, confidence: 1 } }]),
  );
  expect(usage.nodes[0]).toEqual({ pulses: 1, voltSeconds: expect.closeTo(0.2, 12), chargeFC: 0 });
  expect(usage.unsettled).toBe(2);
});

test('a batch without an outcome is not counted, and said to be missing', async () => {
  expect(await usageWith(async () => {})).toEqual({ nodes: {}, unsettled: 1 });
});
