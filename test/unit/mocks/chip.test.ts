import { describe, expect, test } from 'vitest';
import { relaxV, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { type ChipChoices, createChip, type Wave } from '../../../mocks/index.ts';

const CODE_V = 4 / 2 ** 23 / 0.4;
const quiet = (choices: Partial<ChipChoices> = {}) =>
  createChip({ preset: 'dam-a', cells: 64, noise: 'off', ...choices });
const deviation = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
};

describe('the truth of a chip', () => {
  test('without mismatch it is the preset to the last digit, the DAC 480 ppm low', () => {
    const { nodes, readGainRel, channelOffsetV, dacGain, dacOffsetV, disturbRel } = quiet({
      mismatch: 'off',
    }).truth;
    expect(nodes).toHaveLength(128);
    for (const node of nodes)
      expect(node).toMatchObject({ k1PerS: 1.2e13, k2V: 300, couplingRel: 0.2, startV: 8.5, defect: null });
    expect({ readGainRel, dacGain, dacOffsetV, disturbRel }).toEqual({
      readGainRel: 0,
      dacGain: 1 - 480e-6,
      dacOffsetV: 0,
      disturbRel: 0,
    });
    expect(channelOffsetV).toEqual(Array.from({ length: 8 }, () => 0));
  });

  test('each seed has errors of its own, spread as the preset says', () => {
    const truths = Array.from({ length: 400 }, (_, seed) => quiet({ cells: 1, seed }).truth);
    const spread = (of: (truth: (typeof truths)[number]) => number) => deviation(truths.map(of));
    const first = (truth: (typeof truths)[number]) => truth.nodes[0] ?? expect.unreachable();
    expect(spread(({ readGainRel }) => readGainRel) / 500e-6).toBeCloseTo(1, 0.5);
    expect(spread(({ dacGain }) => dacGain) / 100e-6).toBeCloseTo(1, 0.5);
    expect(spread(({ dacOffsetV }) => dacOffsetV) / 0.2e-3).toBeCloseTo(1, 0.5);
    expect(spread(({ channelOffsetV }) => channelOffsetV[3] ?? 0) / 0.5e-3).toBeCloseTo(1, 0.5);
    expect(spread((truth) => first(truth).nodeCapacitanceFF) / 20).toBeCloseTo(1, 0.5);
    // C_T and C_C are 2 % each, and independent.
    expect(spread((truth) => first(truth).couplingRel) / (0.2 * 0.0288)).toBeCloseTo(1, 0.5);
    // More capacitance, slower by as much.
    for (const truth of truths) {
      const { k1PerS, nodeCapacitanceFF } = first(truth);
      expect(Math.abs((k1PerS * nodeCapacitanceFF) / 1.2e16 - 1)).toBeLessThan(5 * 0.005);
    }
  });

  test('it is what the chip then does: every node decays and answers as its own parameters say', () => {
    const chip = quiet({ preset: 'dam-a-stress', cells: 16, seed: 3 });
    const { nodes, dacGain, dacOffsetV, disturbRel } = chip.truth;
    const wave = chip.wave(4, 50_000);
    expect(wave.outputV).toBeCloseTo((wave.dacCode / 2 ** 16) * 5 * dacGain + dacOffsetV, 12);
    chip.emit([{ cell: 5, kind: 'RESET', wave: 0 }], () => wave, new Int32Array(2), 0);
    const endUs = chip.timeUs;
    // R of the cells 4, 6 and 13; node 11 is R of cell 5, in the first row of 8.
    const neighbors = [9, 13, 27];
    for (const [index, node] of nodes.entries()) {
      const boostRel = index === 11 ? 1 : neighbors.includes(index) ? disturbRel : 0;
      const boostV = boostRel * wave.outputV * (nodes[11]?.couplingRel ?? 0);
      const startV = relaxV(node.startV, 2048e-6, node);
      const pulsedV = startV - tunnelingDropV(startV, boostV, 0.05, node);
      const trueV = relaxV(pulsedV, (endUs - 52_048) / 1e6, node);
      expect(Math.abs(chip.trueNodeV(node.cell, node.kind) - trueV), `node ${index}`).toBeLessThan(1e-12);
    }
  });

  test('codes have the gain of the reference and the offset of their channel', () => {
    const chip = quiet({ cells: 32, seed: 7 });
    const { readGainRel, channelOffsetV } = chip.truth;
    const codes = chip.read(Array.from({ length: 32 }, (_, cell) => cell));
    codes.forEach((code, node) => {
      // Converted group by group, 2048 us each; the truth may be asked no earlier than that.
      const { startV, ...of } = chip.truth.nodes[node] ?? expect.unreachable();
      const nodeV = relaxV(startV, (Math.floor(node / 8) * 2048) / 1e6, of);
      const readV = (nodeV + (channelOffsetV[node % 8] ?? 0)) * (1 + readGainRel);
      expect(Math.abs(code * CODE_V - readV)).toBeLessThan(0.51 * CODE_V);
    });
  });
});

describe('defects', () => {
  const chip = () => quiet({ cells: 50, stuck: 5, leaky: 7, dead: 3, seed: 11 });
  const having = (defect: string) => chip().truth.nodes.filter((node) => node.defect === defect);

  test('are as many as asked, on nodes that the seed decides', () => {
    expect([having('stuck'), having('leaky'), having('dead')].map(({ length }) => length)).toEqual([5, 7, 3]);
    expect(chip().truth).toEqual(chip().truth);
    const elsewhere = quiet({ cells: 50, stuck: 5, leaky: 7, dead: 3, seed: 12 }).truth;
    expect(elsewhere.nodes.map(({ defect }) => defect)).not.toEqual(
      chip().truth.nodes.map(({ defect }) => defect),
    );
    const all = quiet({ cells: 1, stuck: 1, dead: 1 }).truth.nodes.map(({ defect }) => defect);
    expect(all.sort()).toEqual(['dead', 'stuck']);
    expect(() => quiet({ cells: 1, stuck: 1, leaky: 1, dead: 1 })).toThrow(
      new RangeError('3 nodes cannot have defects, expected at most 2'),
    );
  });

  test('change nothing else: the other nodes are those of the chip without them', () => {
    const whole = quiet({ cells: 50, seed: 11 }).truth;
    expect(chip().truth.nodes.map(({ defect: _, leakS: __, ...node }) => node)).toEqual(
      whole.nodes.map(({ defect: _, leakS: __, ...node }) => node),
    );
  });

  test('stuck nodes never move, leaky ones leak 5 to 50 % of what they tunnel, dead ones read the rail', () => {
    const found = chip();
    const wave = found.wave(5, 1_000_000);
    const { nodes } = found.truth;
    const before = new Map(nodes.map((node) => [node, found.trueNodeV(node.cell, node.kind)]));
    const pulses = Array.from({ length: 50 }, (_, cell) => ({ cell, kind: 'SET', wave: 0 }) as const);
    found.restUntil(1_000_000);
    for (const node of nodes.filter(({ defect }) => defect === 'leaky')) {
      const fallenV = (before.get(node) ?? 0) - found.trueNodeV(node.cell, node.kind);
      const leakRel = fallenV / tunnelingDropV(node.startV, 0, 1, node) - 1;
      expect(leakRel).toBeGreaterThan(0.049);
      expect(leakRel).toBeLessThan(0.51);
    }
    found.emit(pulses, () => wave, new Int32Array(100), 0);
    for (const node of nodes.filter(({ defect }) => defect === 'stuck'))
      expect(found.trueNodeV(node.cell, node.kind)).toBe(before.get(node));
    const codes = found.read(Array.from({ length: 50 }, (_, cell) => cell));
    codes.forEach((code, node) => {
      expect(code === 2 ** 23 - 1).toBe(nodes[node]?.defect === 'dead');
    });
  });
});

describe('disturb of neighbors', () => {
  test('boosts of a node that is pulsed and disturbed at once add up, each for its own time', () => {
    const chip = quiet({ preset: 'dam-a-stress', cells: 16, mismatch: 'off' });
    const waves: readonly Wave[] = [chip.wave(4, 50_000), chip.wave(5, 20_000)];
    const pulse = (cell: number, wave: number) => ({ cell, kind: 'SET', wave }) as const;
    const waveOf = (wave: number) => waves[wave] ?? expect.unreachable();
    chip.emit([pulse(1, 0), pulse(2, 1), pulse(10, 1)], waveOf, new Int32Array(6), 0);
    const node = { k1PerS: 1.2e13, k2V: 300 };
    const [long = 0, short = 0] = waves.map(({ outputV }) => 0.2 * outputV);
    const start = relaxV(8.5, 2048e-6, node);
    const step = (nodeV: number, boostV: number, s: number) => nodeV - tunnelingDropV(nodeV, boostV, s, node);
    // Cell 2 has neighbors 1 (pulsed for longer) and 10; cell 9 has 1 and 10, and is not pulsed.
    const both = step(start, short + 0.001 * (long + short), 0.02);
    const cell2 = relaxV(step(both, 0.001 * long, 0.03), 2048e-6, node);
    expect(Math.abs(chip.trueNodeV(2, 'SET') - cell2)).toBeLessThan(1e-12);
    const disturbed = step(start, 0.001 * (long + short), 0.02);
    const cell9 = relaxV(step(disturbed, 0.001 * long, 0.03), 2048e-6, node);
    expect(Math.abs(chip.trueNodeV(9, 'SET') - cell9)).toBeLessThan(1e-12);
    // The other kind feels nothing, nor does a cell across the end of a row.
    const free = relaxV(8.5, chip.timeUs / 1e6, node);
    expect(Math.abs(chip.trueNodeV(2, 'RESET') - free)).toBeLessThan(1e-12);
    expect(Math.abs(chip.trueNodeV(8, 'SET') - free)).toBeLessThan(1e-12);
  });
});

describe('temperature', () => {
  test('a sensor tells it with its noise, or there is none', () => {
    const chip = createChip({ preset: 'dam-a', cells: 1, temperatureK: 310 });
    const told = Array.from({ length: 2000 }, () => chip.sensedTemperatureK() ?? Number.NaN);
    expect(told.reduce((sum, value) => sum + value, 0) / told.length).toBeCloseTo(310, 2);
    expect(deviation(told)).toBeCloseTo(0.02, 2);
    expect(quiet({ sensor: 'off' }).sensedTemperatureK()).toBeUndefined();
  });

  test('drifts in board time, and can be set', () => {
    const chip = quiet({ driftKPerHour: 2 });
    chip.restUntil(1.8e9);
    expect(chip.temperatureK).toBeCloseTo(301, 9);
    chip.temperatureK = 290;
    chip.restUntil(5.4e9);
    expect(chip.sensedTemperatureK()).toBeCloseTo(292, 9);
  });
});

test('a cell that is not there is refused', () => {
  expect(() => quiet().read([64])).toThrow(new RangeError('cell 64 is not 0 to 63'));
});
