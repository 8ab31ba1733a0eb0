import { expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { calibratedChip, nominalChip } from '../../../src/chip/chip-model.ts';
import { planBatches } from '../../../src/scheduling/plan.ts';
import { CellWitness } from '../../../src/settling/cell-witness.ts';
import { calibrationOfMock } from '../../support/calibration.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const SLOTS = 6;
const CELLS = 16;
const known = devices['dam-a-stress'];
if (known === undefined) throw new Error('dam-a-stress is gone');
const device = known;
const cells = Array.from({ length: CELLS }, (_, cell) => cell);

/**
 * A board that did the first `done` slots of weak pulses and was then left alone for 30 s: what its cells tell, with the
 * probability that is given to what happened.
 */
async function judged(seed: number, done: number, isCalibrated: boolean, stuck: readonly number[] = []) {
  const choices = { preset: 'dam-a-stress', cells: CELLS, seed } as const;
  const mock = createMockBoard(choices);
  const board = await boardOn(wireTo(mock));
  const verdicts = Object.fromEntries(stuck.map((node) => [node, 'stuck' as const]));
  const chip = isCalibrated
    ? calibratedChip(await calibrationOfMock(choices, { verdicts }), device)
    : nominalChip(device);
  const [wave] = await board.define([{ wave: 0, amplitudeV: 1, widthUs: 20_000 }]);
  if (wave === undefined) throw new Error('no wave');
  const witness = new CellWitness(board, chip, new Map([[0, wave]]));
  await board.arm();
  await witness.refresh();
  const updates = cells.map((cell, index) => ({
    update: index + 1,
    cell,
    kind: index % 2 === 0 ? ('SET' as const) : ('RESET' as const),
    waves: Array<number>(SLOTS).fill(0),
  }));
  const firstBatch = board.identity.lastBatch + 1;
  const batches = planBatches(updates, { firstBatch, firstIntent: 1, gapUs: 0, maxPulses: 400 });
  const slots = batches.flatMap((batch) => batch.slots).slice(0, done);
  if (done > 0) await board.run({ batch: firstBatch, gapUs: 0, slots });
  mock.elapse(30);
  return witness.judge(batches, 0);
}

test('calibrated rates tell more surely which pulses happened', async () => {
  let right = { calibrated: 0, nominal: 0 };
  let confidence = { calibrated: 0, nominal: 0 };
  const trials = 96;
  for (let seed = 1; seed <= trials; seed += 1) {
    const done = seed % (SLOTS + 1);
    for (const kind of ['calibrated', 'nominal'] as const) {
      const { slotsDone, confidence: sure } = await judged(seed, done, kind === 'calibrated');
      right = { ...right, [kind]: right[kind] + (slotsDone === done ? 1 : 0) };
      confidence = { ...confidence, [kind]: confidence[kind] + sure / trials };
    }
  }
  expect(right.calibrated).toBeGreaterThan(right.nominal);
  expect(confidence.calibrated).toBeGreaterThan(confidence.nominal + 0.1);
  // It does not claim more than it knows.
  expect(Math.abs(right.calibrated / trials - confidence.calibrated)).toBeLessThan(0.2);
});

test('nodes that are masked are not asked', async () => {
  const { evidence } = await judged(3, 2, true, [0, 5, 9]);
  const all = await judged(3, 2, true);
  expect(evidence['chi2PerDof']).not.toBe(all.evidence['chi2PerDof']);
  const none = await judged(
    3,
    2,
    true,
    Array.from({ length: 2 * CELLS }, (_, node) => node),
  );
  expect(none.confidence).toBeCloseTo(1 / (SLOTS + 1), 6);
});
