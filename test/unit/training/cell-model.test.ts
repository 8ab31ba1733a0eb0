import { expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import type { Board } from '../../../src/board/board.ts';
import { convertersOf } from '../../../src/board/converters.ts';
import { type ChipModel, calibratedChip, nominalChip } from '../../../src/chip/chip-model.ts';
import { type CellModel, cellModel } from '../../../src/training/cell-model.ts';
import { calibrationOfNodes } from '../../support/calibration.ts';
import { trueNodesOf } from '../../support/true-nodes.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const CELLS = 16;
const choices = { preset: 'dam-a-stress', cells: CELLS, noise: 'off' } as const;
const device = devices['dam-a-stress'];
if (device === undefined) throw new Error('dam-a-stress is gone');
const exact = { k2V: 0, rateRel: 0, couplingRel: 0 };
const nominal = nominalChip(device);
const cells = Array.from({ length: CELLS }, (_, cell) => cell);

async function bench() {
  const mock = createMockBoard(choices);
  const board = await boardOn(wireTo(mock));
  const calibration = calibrationOfNodes(board.identity, trueNodesOf(choices), {
    device: 'dam-a-stress',
    uncertainty: exact,
  });
  const modelOf = (chip: ChipModel) => cellModel(chip, convertersOf(board.identity), 1);
  return {
    mock,
    board,
    calibrated: modelOf(calibratedChip(calibration, device as never)),
    nominal: modelOf(nominal),
  };
}

/** Largest error, over cells, of the change of weights that a model expects between two readings, V. */
async function worst(
  model: CellModel,
  board: Board,
  meanwhile: () => unknown,
  pulsedV: (cell: number) => number,
) {
  const before = await board.read(cells);
  await meanwhile();
  const after = await board.read(cells);
  const elapsedS = (after.boardTimeUs - before.boardTimeUs) / 1e6;
  return Math.max(
    ...before.cells.map((reading, index) => {
      const then = after.cells[index] ?? reading;
      const expectedV = model.driftV(reading, elapsedS, before.temperatureK) + pulsedV(reading.cell);
      return Math.abs(model.weightV(then) - model.weightV(reading) - expectedV);
    }),
  );
}

test('a calibrated cell drifts as expected; a nominal one goes a way of its own', async () => {
  const { mock, board, calibrated } = await bench();
  expect(
    await worst(
      calibrated,
      board,
      () => mock.elapse(10),
      () => 0,
    ),
  ).toBeLessThan(5e-6);
  const again = await bench();
  expect(
    await worst(
      again.nominal,
      again.board,
      () => again.mock.elapse(10),
      () => 0,
    ),
  ).toBeGreaterThan(500e-6);
});

test.each(['SET', 'RESET'] as const)('a calibrated cell answers a %s pulse as expected', async (kind) => {
  const shape = { amplitudeV: 4, widthS: 0.05 };
  const error = async (which: 'calibrated' | 'nominal') => {
    const parts = await bench();
    const { board } = parts;
    await board.define([{ wave: 0, amplitudeV: 4, widthUs: 50_000 }]);
    await board.arm();
    const { cells: start, temperatureK } = await board.read(cells);
    // The pulse's own part counts from the voltage that the node has by then, a reading later: part of the tolerance.
    const responses = start.map(
      (cell) => parts[which].responsesVPerS(cell, shape, temperatureK)[kind] * 0.05,
    );
    const slots = [[{ cell: 3, kind, wave: 0 }]];
    const worstV = await worst(
      parts[which],
      board,
      () => board.run({ batch: board.identity.lastBatch + 1, gapUs: 0, slots }),
      (cell) => (cell === 3 ? (kind === 'SET' ? 1 : -1) * (responses[3] ?? 0) : 0),
    );
    return worstV / (responses[3] ?? 1);
  };
  expect(await error('calibrated')).toBeLessThan(0.003);
  expect(await error('nominal')).toBeGreaterThan(0.006);
});

test('with S and R exchanged, SET is answered by the node that is read as R', async () => {
  const { board } = await bench();
  const truth = trueNodesOf(choices).map((node, index) =>
    index % 2 === 1 ? { ...node, couplingRel: 2 * node.couplingRel } : node,
  );
  const calibration = calibrationOfNodes(board.identity, truth, { device: 'dam-a-stress', weightSign: -1 });
  const chip = calibratedChip(calibration, device as never);
  const reading = (await board.read([0])).cells[0];
  if (reading === undefined) throw new Error('nothing was read');
  const shape = { amplitudeV: 0.5, widthS: 0.1 };
  const of = (sign: 1 | -1) =>
    cellModel(chip, convertersOf(board.identity), sign).responsesVPerS(reading, shape, 300);
  expect(of(1).RESET).toBeGreaterThan(2 * of(1).SET);
  expect(of(-1)).toEqual({ SET: of(1).RESET, RESET: of(1).SET });
  const drift = (sign: 1 | -1) => cellModel(chip, convertersOf(board.identity), sign).driftV(reading, 1, 300);
  expect(drift(-1)).toBe(-drift(1));
});

test('a warmer chip drifts faster', async () => {
  const { board, calibrated } = await bench();
  const reading = (await board.read([0])).cells[0];
  if (reading === undefined) throw new Error('nothing was read');
  expect(calibrated.driftV(reading, 1, 310) / calibrated.driftV(reading, 1, 300)).toBeCloseTo(1.073, 1);
});
