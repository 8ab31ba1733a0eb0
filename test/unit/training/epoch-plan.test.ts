import { describe, expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { convertersOf } from '../../../src/board/converters.ts';
import { calibratedChip, nominalChip } from '../../../src/chip/chip-model.ts';
import type { Experiment } from '../../../src/config/experiment.ts';
import { readExperiment } from '../../../src/config/experiment-file.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { Ledger } from '../../../src/ledger/account.ts';
import { NodeUsage } from '../../../src/scheduling/node-usage.ts';
import { planBatches } from '../../../src/scheduling/plan.ts';
import { planEpoch } from '../../../src/training/epoch-plan.ts';
import { ExpectedChip } from '../../../src/training/expected-chip.ts';
import { cellsOf } from '../../../src/training/placement.ts';
import { loadTask } from '../../../src/training/task.ts';
import { calibrationOfNodes } from '../../support/calibration.ts';
import { trueNodesOf } from '../../support/true-nodes.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const device = devices['dam-a'];
if (device === undefined) throw new Error('dam-a is gone');
const chip = nominalChip(device);

async function planned(changes: Partial<Experiment> = {}, past = new NodeUsage()) {
  const experiment = { ...readExperiment('breast-cancer'), ...changes };
  const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
  const mock = createMockBoard({ preset: 'dam-a', cells: 64, noise: 'off', mismatch: 'off' });
  const wire = wireTo(mock);
  const board = await boardOn(wire);
  const reading = await board.read(cellsOf(task, board.identity, chip));
  await board.close();
  return {
    plan: planEpoch({
      experiment,
      task,
      board: board.identity,
      chip,
      reading,
      past,
      bytesPerS: Number.POSITIVE_INFINITY,
    }),
    sent: wire.sent,
  };
}

describe('the plan of an epoch', () => {
  test('says of the bring-up what a hand computation says', async () => {
    const { plan } = await planned();
    const { bringUp } = plan;
    expect(bringUp).toMatchObject({ updates: 31, pulses: 31, batches: 1, slots: 1, clipped: 0 });
    // Two conversions of 31 nodes, 8 at a time, 2048 us each; a pulse of 1 s; a reading of 62 nodes.
    expect(bringUp.boardTimeS).toBeCloseTo(1 + 2 * 4 * 2048e-6 + 8 * 2048e-6, 9);
    // The DAC's step for 0.2236 V is 2931 of 65536 of 5 V, and it puts out 480 ppm less.
    const amplitudeV = ((2931 * 5) / 65_536) * (1 - 480e-6);
    expect(bringUp.energyFJ['half-cv2'].mean).toBeCloseTo(0.5 * 200 * amplitudeV ** 2, 9);
    expect(bringUp.energyFJ['full-cycle'].total).toBeCloseTo(31 * 200 * 0.8 * amplitudeV ** 2, 8);
    expect(bringUp.chargeFC.driven.mean).toBeCloseTo(200 * amplitudeV, 9);
    // A pulse of 1 s on a gate at 8.5 V, boosted by a fifth of the amplitude, lowers it by 1.64 mV.
    const oxideV = 8.5 + amplitudeV / 5;
    const growth = Math.log1p(1.2e13 * Math.exp(-300 / oxideV));
    const dropV = (oxideV * growth) / (300 / oxideV + growth);
    expect(bringUp.chargeFC.tunneled.mean).toBeCloseTo(1000 * dropV, 3);
    expect(bringUp.energyFJ.tunneling.mean).toBeCloseTo(1000 * dropV * oxideV, 2);
  });

  test('greets and reads, and sends nothing else', async () => {
    const { sent } = await planned();
    expect(sent.map((line) => line.split(' ')[1])).toEqual(['HELLO', 'READ']);
  });

  test('says how near it comes to each limit, past included, and on which node', async () => {
    const past = new NodeUsage();
    past.add(6, { pulses: 8, voltSeconds: 1, chargeFC: 5 });
    const { plan } = await planned({ budget: { pulsesPerNode: 12, voltSecondsPerNode: 10 } }, past);
    const stress = Object.fromEntries(plan.stress.map(({ name, ...rest }) => [name, rest]));
    expect(stress['highest amplitude']).toMatchObject({ worst: 0.2236, limit: 5, share: 0.2236 / 5 });
    expect(stress['longest pulse']).toMatchObject({ worst: 1, limit: 1, share: 1 });
    expect(stress['longest batch']).toMatchObject({ worst: 31, limit: 491 });
    const onNode = stress['most on a node (pulses)'];
    expect(onNode?.node).toBe('node S of cell 3');
    expect([9, 10]).toContain(onNode?.worst);
    expect(onNode?.share).toBe((onNode?.worst ?? 0) / 12);
    expect(stress['most on a node (charge)']).toMatchObject({ limit: null, share: null });
    expect(plan.problems).toEqual([]);
    expect(plan.cells).toEqual({ used: 31, onBoard: 64 });
    expect(plan.nodeV.max).toBeCloseTo(8.5, 3);
  });

  test('lists all that would be refused', async () => {
    const { plan } = await planned({
      policy: { name: 'matched', amplitudeV: 6, baseWidthUs: 200_000, maxWidthUs: 2_000_000 },
      budget: { voltSecondsPerNode: 11 },
    });
    expect(plan.problems).toContain(
      'A pulse amplitude of 6 V is beyond board dam-a:1, which takes 0.2 to 5 V.',
    );
    expect(plan.problems.join()).toContain('the plan adds 12: more than the 11 of budget.voltSecondsPerNode');
    expect(plan.stress[0]).toMatchObject({ worst: 6, limit: 5, share: 1.2 });
  });

  test('without pulses is readings only', async () => {
    const { plan } = await planned({ policy: { name: 'none' } });
    expect(plan.training).toMatchObject({ updates: 0, pulses: 0, energyFJ: { tunneling: { mean: null } } });
    expect(plan.bringUp.wireBytes).toEqual({ toBoard: 0, toHost: 0 });
    expect(plan.problems).toEqual([]);
  });

  test('of minibatches has as many steps as one pass takes, but no more than the experiment', async () => {
    const method = { name: 'gradient' as const, steps: 250, learningRate: 0.2, batchSize: 40 };
    expect((await planned({ method })).plan.steps).toBe(10);
    expect((await planned({ method: { ...method, steps: 4 } })).plan.steps).toBe(4);
  });
});

test.each([
  ['without mismatch', 'off'],
  ['with mismatch that is calibrated', 'on'],
] as const)('the expected chip reads, to the code, what a mock without noise and %s reads', async (_, mismatch) => {
  const choices = { preset: 'dam-a', cells: 16, noise: 'off', mismatch } as const;
  const mock = createMockBoard(choices);
  const board = await boardOn(wireTo(mock));
  const converters = convertersOf(board.identity);
  const waves = await board.define([
    { wave: 0, amplitudeV: 4, widthUs: 50_000 },
    { wave: 1, amplitudeV: 0.2236, widthUs: 200_000 },
  ]);
  await board.arm();
  const cells = Array.from({ length: 16 }, (_, cell) => cell);
  const ledger = new Ledger(nominalChip(device), converters);
  const parts = {
    board: board.identity,
    chip:
      mismatch === 'off'
        ? chip
        : calibratedChip(
            calibrationOfNodes(board.identity, trueNodesOf(choices), {
              uncertainty: { k2V: 0, rateRel: 0, couplingRel: 0 },
            }),
            device,
          ),
    sign: 1 as const,
    converters,
    ledger,
    waves: new Map(waves.map((w) => [w.wave, w])),
  };
  const expectedChip = new ExpectedChip(await board.read(cells), parts);
  const updates = cells.map((cell) => ({
    update: cell + 1,
    cell,
    kind: cell % 3 === 0 ? ('RESET' as const) : ('SET' as const),
    waves: cell % 2 === 0 ? [0, 1] : [1],
  }));
  for (const batch of planBatches(updates, { firstBatch: 1, firstIntent: 1, gapUs: 3000, maxPulses: 6 })) {
    const outcome = await board.run(batch);
    const expected = expectedChip.run(batch).map(({ beforeCode }) => beforeCode);
    for (const [index, code] of expected.entries())
      expect(Math.abs(code - (outcome.codes[2 * index] ?? 0))).toBeLessThan(2.5);
    expect(expectedChip.boardTimeUs).toBe(outcome.boardTimeUs);
  }
  const found = await board.read(cells);
  const expected = expectedChip.read();
  expect(expected.boardTimeUs).toBe(found.boardTimeUs);
  for (const [index, { setCode, resetCode, convertedUs }] of expected.cells.entries()) {
    const cell = found.cells[index];
    // One step of the code is 1.2 uV: the rounding of the first reading stays.
    expect(Math.abs(setCode - (cell?.setCode ?? 0)), `S of ${index}`).toBeLessThanOrEqual(2);
    expect(Math.abs(resetCode - (cell?.resetCode ?? 0)), `R of ${index}`).toBeLessThanOrEqual(2);
    expect(convertedUs).toBe(cell?.convertedUs);
  }
});
