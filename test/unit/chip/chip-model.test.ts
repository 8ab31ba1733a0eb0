import { describe, expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { chipOf, recordOf } from '../../../src/chip/calibration-record.ts';
import { calibratedChip, nominalChip, pulsedNode } from '../../../src/chip/chip-model.ts';
import { boostSigmaRel, gateAt, rateSigmaRel } from '../../../src/chip/node-model.ts';
import { calibrationOfNodes } from '../../support/calibration.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const device = devices['dam-a'];
if (device === undefined) throw new Error('dam-a is gone');
const board = (await boardOn(wireTo(createMockBoard({ preset: 'dam-a', cells: 4 })))).identity;
const truth = { k1PerS: 1.3e13, k2V: 300.5, couplingRel: 0.21, offsetV: 4e-4 };
const nodes = Array.from({ length: 8 }, () => truth);
const verdicts = { 2: 'stuck', 5: 'dead' } as const;
const calibration = calibrationOfNodes(board, nodes, { verdicts });

describe('a chip of which only the kind is known', () => {
  const chip = nominalChip(device);
  test('has nodes as the description says, and its spread as their sigma', () => {
    const node = chip.node(3);
    if (node === undefined) throw new Error('no node');
    expect(gateAt(node, 8.5, 300)).toEqual({ nodeV: 8.5, tunneling: device.tunneling, couplingRel: 0.2 });
    expect(rateSigmaRel(node, 8.5)).toBeCloseTo(device.decayRate.nodeRel, 12);
    expect(boostSigmaRel(node)).toBeCloseTo(device.couplingFF.nodeRel, 12);
  });

  test('may use each cell, and follows the temperature that the board tells', () => {
    expect(chip.faultsOf(0)).toEqual([]);
    expect([chip.temperatureK(undefined), chip.temperatureK(310)]).toEqual([300, 310]);
  });
});

describe('a chip that was calibrated', () => {
  const chip = calibratedChip(calibration, device);
  test('has nodes as they were found, with the sigma of their own fit', () => {
    const node = chip.node(0);
    if (node === undefined) throw new Error('no node');
    expect(gateAt(node, 8.5, 300).nodeV).toBeCloseTo(8.5 - 4e-4, 12);
    expect(rateSigmaRel(node, 8.3 + 4e-4)).toBeCloseTo(0.003, 4);
    // 0.1 V of k2 at 8.5 V, where the rate is not what was measured best.
    expect(rateSigmaRel(node, 8.5 + 4e-4)).toBeCloseTo(Math.hypot(0.003, 0.1 * (1 / 8.3 - 1 / 8.5)), 4);
    expect(boostSigmaRel(node)).toBeCloseTo(0.002, 4);
  });

  test('keeps nodes that are not good out of predictions, and says why their cells hold no weight', () => {
    expect([0, 1, 2, 3, 5, 8].map((node) => chip.node(node) !== undefined)).toEqual([
      true,
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(chip.faultsOf(0)).toEqual([]);
    expect(chip.faultsOf(1)).toEqual([{ node: 2, verdict: 'stuck', reason: 'It is stuck.' }]);
    expect(chip.faultsOf(2)).toMatchObject([{ node: 5, verdict: 'dead' }]);
    expect(chip.faultsOf(4).map(({ verdict }) => verdict)).toEqual(['not measured', 'not measured']);
  });

  test('falls back on the temperature at which it was measured; without one no law applies', () => {
    expect([chip.temperatureK(310), chip.temperatureK(undefined)]).toEqual([310, 300]);
    const { measured } = calibration;
    const warm = { ...measured, temperatureK: { min: 304, mean: 305, max: 306 } };
    expect(calibratedChip({ ...calibration, measured: warm }, device).temperatureK(undefined)).toBe(305);
    const blind = { ...measured, temperatureK: null };
    expect(calibratedChip({ ...calibration, measured: blind }, device).temperatureK(310)).toBe(300);
  });

  test('is the same when it comes back from the record of a run', () => {
    const record = recordOf({ file: 'c.json', sha256: 'f00', calibration });
    expect(record).toMatchObject({ nodes: 8, goodNodes: 6, verdicts: { good: 6, stuck: 1, dead: 1 } });
    const again = chipOf(device, JSON.parse(JSON.stringify(record)));
    for (let node = 0; node < 8; node += 1) expect(again.node(node)).toEqual(chip.node(node));
    expect(again.weightSign).toBe(1);
    expect(chipOf(device, undefined).weightSign).toBeUndefined();
  });
});

test('a pulse lowers the node of its name, or the other one where S and R are exchanged', () => {
  expect([pulsedNode(3, 'SET', 1), pulsedNode(3, 'RESET', 1)]).toEqual([6, 7]);
  expect([pulsedNode(3, 'SET', -1), pulsedNode(3, 'RESET', -1)]).toEqual([7, 6]);
});
