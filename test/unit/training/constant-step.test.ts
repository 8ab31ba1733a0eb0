import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import { weightV } from '../../../calibration/physics/cell.ts';
import { halfCV2FJ } from '../../../calibration/physics/energy.ts';
import { boostForDropV, relaxV, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { convertersOf } from '../../../src/board/converters.ts';
import { nominalChip } from '../../../src/chip/chip-model.ts';
import type { ConstantStepSettings } from '../../../src/config/policy.ts';
import { cellModel } from '../../../src/training/cell-model.ts';
import { constantStep } from '../../../src/training/policies/constant-step.ts';
import type { WantedChange } from '../../../src/training/policy.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const device = devices['dam-a'];
if (device === undefined) throw new Error('dam-a is gone');
const { tunneling } = device;
const { identity: board } = await boardOn(wireTo(createMockBoard({ preset: 'dam-a', cells: 1 })));
const converters = convertersOf(board);
const model = cellModel(nominalChip(device), converters, 1);
const place = { board, weightSigmaV: 11e-6 };

const WIDTH_S = 0.2;
const STEP_V = 61e-6;
const base = {
  name: 'constant-step',
  minAmplitudeV: 0.3,
  maxAmplitudeV: 5,
  baseWidthUs: WIDTH_S * 1e6,
  maxWidthUs: WIDTH_S * 1e6,
  stepV: STEP_V,
} as const satisfies ConstantStepSettings;

/** What is wanted of a cell whose nodes are both at `nodeV`, in a run that began at `freshV`. */
function want(
  wantedV: number,
  nodeV: number,
  over: Partial<WantedChange> & { freshV?: number } = {},
): WantedChange {
  const { freshV = nodeV, ...rest } = over;
  const code = (volts: number) => volts / converters.nodeVPerCode;
  const at = (volts: number) => ({ cell: 0, setCode: code(volts), resetCode: code(volts), convertedUs: 0 });
  const gentlest = { amplitudeV: base.minAmplitudeV, widthS: WIDTH_S };
  return {
    cell: 0,
    weightV: weightV({ setNodeV: nodeV, resetNodeV: nodeV }, 1),
    wantedV,
    driftV: 0,
    freshVPerS: model.responsesVPerS(at(freshV), gentlest, 300),
    responseVPerS: model.responsesVPerS(at(nodeV), gentlest, 300),
    movesV: (pulse) => model.movesV(at(nodeV), pulse, 300),
    ...rest,
  };
}

/** The wave that the policy gives a cell, alone. */
function waveFor(settings: ConstantStepSettings, change: WantedChange) {
  const policy = constantStep(settings, place);
  const [update] = policy.propose([change]).updates;
  return policy.waves[update?.waves[0] ?? Number.NaN];
}

describe('the ladder', () => {
  test('uses all waves of the board: widths first, then amplitudes, each the same multiple of the one before', () => {
    const { waves, signWave } = constantStep({ ...base, maxWidthUs: 1_000_000 }, place);
    expect(board.waves).toBe(64);
    expect(waves.map(({ wave }) => wave)).toEqual(Array.from({ length: 60 }, (_, wave) => wave));
    expect(waves.slice(0, 6).map(({ widthUs }) => widthUs / 1e6)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 0.2]);
    const rungsV = waves.filter((_, wave) => wave % 5 === 0).map(({ amplitudeV }) => amplitudeV);
    for (const [rung, amplitudeV] of rungsV.entries())
      expect(amplitudeV).toBeCloseTo(0.3 * (5 / 0.3) ** (rung / 11), 12);
    expect(waves[signWave ?? -1]).toMatchObject({ amplitudeV: 0.3, widthUs: 1_000_000 });
  });

  test('of a board with few waves is one rung; without a top it ends at 5 times the lowest, or at the board', () => {
    const few = { ...place, board: { ...board, waves: 4 } };
    expect(constantStep({ ...base, maxWidthUs: 800_000 }, few).waves).toHaveLength(4);
    const topOf = (minAmplitudeV: number) => {
      const { name, baseWidthUs, maxWidthUs } = base;
      return constantStep({ name, minAmplitudeV, baseWidthUs, maxWidthUs }, place).waves.at(-1)?.amplitudeV;
    };
    expect(topOf(0.2236)).toBeCloseTo(1.118, 9);
    expect(topOf(4)).toBeCloseTo(5, 9);
  });
});

describe('the amplitude of a constant step', () => {
  const RUNG_RATIO = (5 / 0.3) ** (1 / 63);

  test('is that of the exact inverse within half a rung, over all of a run', () => {
    let farthest = 0;
    for (let aged = 0; aged <= 5; aged += 0.05) {
      const nodeV = relaxV(8.3, 10 ** aged - 1, tunneling);
      const freeV = tunnelingDropV(nodeV, 0, WIDTH_S, tunneling);
      const boostV = boostForDropV(nodeV, STEP_V + freeV, WIDTH_S, tunneling);
      const exactV = boostV / 0.2 / device.dacGain.value;
      const amplitudeV = waveFor(base, want(1.2 * STEP_V, nodeV))?.amplitudeV ?? Number.NaN;
      farthest = Math.max(farthest, Math.abs(Math.log(amplitudeV / exactV)) / Math.log(RUNG_RATIO));
    }
    // The nearest by response: steps above an amplitude are larger than those below it.
    expect(farthest).toBeGreaterThan(0.4);
    expect(farthest).toBeLessThan(0.53);
  });

  test('costs 23 fJ fresh and 2.3 pJ after 1e5 s, up to the ladder', () => {
    const energyFJ = (nodeV: number) =>
      halfCV2FJ(200, waveFor(base, want(1.2 * STEP_V, nodeV))?.amplitudeV ?? Number.NaN);
    const roughness = RUNG_RATIO ** 1.06;
    expect(Math.abs(Math.log(energyFJ(8.3) / 23.4))).toBeLessThan(Math.log(roughness));
    expect(Math.abs(Math.log(energyFJ(relaxV(8.3, 1e5, tunneling)) / 2340))).toBeLessThan(
      Math.log(roughness),
    );
  });

  test('without a step in the settings keeps to what the lowest rung does at the start of the run', () => {
    const { stepV: _, ...settings } = base;
    expect(waveFor(settings, want(1e-3, 8.5))?.amplitudeV).toBe(0.3);
    const nodeV = 8.2;
    const later = waveFor(settings, want(1e-3, nodeV, { freshV: 8.5 }));
    const fresh = want(0, 8.5).movesV({ amplitudeV: 0.3, widthUs: 200_000 });
    const found = want(0, nodeV).movesV(later ?? { amplitudeV: 0, widthUs: 1 });
    expect(later?.amplitudeV).toBeGreaterThan(0.6);
    expect(found.SET / fresh.SET).toBeGreaterThan(0.95);
    expect(found.SET / fresh.SET).toBeLessThan(1.05);
  });

  test('is found for SET and RESET apart', () => {
    const uneven = want(1.5 * STEP_V, 8.3);
    const { movesV } = uneven;
    const change: WantedChange = {
      ...uneven,
      movesV: (pulse) => ({ SET: movesV(pulse).SET, RESET: movesV(pulse).RESET / 2 }),
    };
    const set = waveFor(base, change)?.amplitudeV ?? 0;
    const reset = waveFor(base, { ...change, wantedV: -change.wantedV })?.amplitudeV ?? 0;
    expect(reset / set).toBeGreaterThan(1.5);
  });
});

describe('steps', () => {
  const wide = { ...base, maxWidthUs: 1_000_000 };

  test('several are as many base widths, whatever the hardening: the wish is not scaled', () => {
    const hardened = want(3.6 * STEP_V, 8.1, { freshV: 8.5 });
    expect(hardened.responseVPerS.SET / hardened.freshVPerS.SET).toBeLessThan(0.2);
    expect(waveFor(wide, hardened)?.widthUs).toBeGreaterThanOrEqual(600_000);
  });

  test('drift is countered, and less than a step waits', () => {
    const policy = constantStep(base, place);
    const proposals = [0.4, 0.4, 0.4].map(
      (steps) => policy.propose([want(steps * STEP_V, 8.3)]).updates.length,
    );
    expect(proposals).toEqual([0, 0, 1]);
    const drifting = want(0, 8.3, { driftV: 1.2 * STEP_V });
    expect(constantStep(base, place).propose([drifting]).updates[0]?.kind).toBe('RESET');
  });

  test('beyond the longest pulse of the top rung the excess is clipped, counted and forgotten', () => {
    const policy = constantStep({ ...wide, maxAmplitudeV: 0.5 }, place);
    const nodeV = 7.6;
    const { updates, clipped } = policy.propose([want(STEP_V, nodeV)]);
    expect(clipped).toBe(1);
    expect(policy.waves[updates[0]?.waves[0] ?? -1]).toMatchObject({ amplitudeV: 0.5, widthUs: 1_000_000 });
    expect(policy.propose([want(0, nodeV)])).toEqual({ updates: [], clipped: 0 });
  });

  test('unclipped, nothing is lost: predicted moves and residual add up to what was wanted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { maxLength: 60 }),
        fc.double({ min: 7.6, max: 8.5, noNaN: true }),
        (wishes, nodeV) => {
          const policy = constantStep(wide, place);
          let givenV = 0;
          for (const steps of wishes) {
            const change = want(steps * STEP_V, nodeV);
            const { updates, clipped } = policy.propose([change]);
            expect(clipped).toBe(0);
            for (const { kind, waves } of updates) {
              const wave = policy.waves[waves[0] ?? -1];
              if (wave === undefined) throw new Error('no such wave');
              const { amplitudeV, widthUs } = wave;
              const bases = widthUs / base.baseWidthUs;
              givenV +=
                (kind === 'SET' ? bases : -bases) *
                change.movesV({ amplitudeV, widthUs: base.baseWidthUs })[kind];
            }
          }
          const wantedV = STEP_V * wishes.reduce((sum, steps) => sum + steps, 0);
          // A step is off by less than a rung of twelve.
          expect(Math.abs(wantedV - givenV)).toBeLessThan(1.5 * STEP_V);
        },
      ),
      { numRuns: 40 },
    );
  });
});
