import { beforeAll, describe, expect, test } from 'vitest';
import { planMeasurement } from '../../calibration/design/plan-measurement.ts';
import { devices } from '../../calibration/devices.ts';
import { absoluteSigmas } from '../../calibration/fit/absolute.ts';
import { fitArray } from '../../calibration/fit/fit-array.ts';
import { predictDrop } from '../../calibration/fit/predict.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import { createChip } from '../../mocks/index.ts';
import { believedOf, measure } from '../support/chip-measurement.ts';

const CHIPS = 256;
const CELLS = 2;
const PRESET = 'dam-a-stress';
/** A pulse that no plan has: held out. */
const heldOut = { nodeV: 8.35, widthS: 0.1, temperatureK: 300 };

interface Finding {
  /** (found - true) / sigma. */
  readonly pulls: Readonly<Record<'k2V' | 'couplingRel' | 'response', number>>;
  /** Of the predicted response, relative. */
  readonly responseError: number;
}

/** What `fnloop calibrate` would plan for a fresh chip. */
function planned() {
  const any = createChip({ preset: PRESET, cells: CELLS, seed: 0 });
  const believed = believedOf(any, PRESET);
  const { limits, adc, startV } = any.options.preset;
  const readS = adc.groupUs / 1e6;
  const plan = planMeasurement({
    nodeV: startV,
    believed,
    limits: {
      maxAmplitudeV: limits.maxAmplitudeV,
      minWidthS: limits.minWidthUs / 1e6,
      maxWidthS: 0.2,
      maxBoardTimeS: 3600,
      minNodeV: 7,
      maxPulsesPerNode: 100,
    },
    target: { k2Rel: 1e-3, responseRel: 5e-3 },
    timing: { readS, pulseOverheadS: 8 * readS },
  });
  return { believed, actions: plan.actions.map(({ action }) => action), adc };
}

/** Chips with seeds of their own, each calibrated as planned. */
function findings(): { readonly found: Finding[]; readonly masked: string[] } {
  const device = devices[PRESET];
  if (device === undefined) throw new Error(`there is no device ${PRESET}`);
  const shared = { readGainRel: device.readGain.commonRel, dacGainRel: device.dacGain.commonRel };
  const { believed, actions, adc } = planned();
  const found: Finding[] = [];
  const masked: string[] = [];
  for (let seed = 1; seed <= CHIPS; seed += 1) {
    const chip = createChip({ preset: PRESET, cells: CELLS, seed });
    const { nodes: truths, readGainRel, channelOffsetV } = chip.truth;
    for (const { node, verdict, reason, fit } of fitArray(measure(chip, actions, believed.dacGain), believed)
      .nodes) {
      const truth = truths[node];
      if (verdict !== 'good' || fit === null || truth === undefined) {
        masked.push(`seed ${seed}, node ${node}: ${verdict}, ${reason}`);
        continue;
      }
      const sigmas = absoluteSigmas(fit, shared);
      const gain = 1 + readGainRel;
      const amplitudeV = 1 + (found.length % 5);
      const wave = chip.wave(amplitudeV, 100_000);
      const nominalV = (wave.dacCode / 2 ** 16) * 5 * believed.dacGain;
      const trueV = (heldOut.nodeV - (channelOffsetV[node % adc.groupNodes] ?? 0)) / gain;
      const trueDropV = gain * tunnelingDropV(trueV, truth.couplingRel * wave.outputV, heldOut.widthS, truth);
      const { dropV, sigmaV } = predictDrop(fit, { ...heldOut, amplitudeV: nominalV });
      found.push({
        pulls: {
          k2V: (fit.parameters.tunneling.k2V - truth.k2V) / sigmas.k2V,
          couplingRel: (fit.parameters.couplingRel - truth.couplingRel) / sigmas.couplingRel,
          response: (dropV - trueDropV) / sigmaV,
        },
        responseError: Math.abs(dropV / trueDropV - 1),
      });
    }
  }
  return { found, masked };
}

describe('over 1,024 nodes of 256 chips with seeds of their own', () => {
  let found: Finding[] = [];
  let masked: string[] = [];
  beforeAll(() => {
    ({ found, masked } = findings());
  });

  test('at most 0.5 % of good nodes are masked', () => {
    expect(found.length + masked.length).toBe(2 * CELLS * CHIPS);
    expect(masked.length, masked.join('\n')).toBeLessThanOrEqual(0.005 * 2 * CELLS * CHIPS);
  });

  test.each([
    'k2V',
    'couplingRel',
    'response',
  ] as const)('intervals of %s hold the truth as often as they say', (name) => {
    const pulls = found.map((finding) => finding.pulls[name]);
    const mean = pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length;
    const deviation = Math.sqrt(pulls.reduce((sum, pull) => sum + (pull - mean) ** 2, 0) / pulls.length);
    const covered = pulls.filter((pull) => Math.abs(pull) < 1.96).length / pulls.length;
    expect(covered).toBeGreaterThan(0.93);
    expect(covered).toBeLessThan(0.97);
    expect(deviation).toBeGreaterThan(0.9);
    expect(deviation).toBeLessThan(1.1);
    expect(Math.abs(mean)).toBeLessThan(0.15);
  });

  test('the predicted response to held-out pulses is within 2 % in the median', () => {
    const errors = found.map(({ responseError }) => responseError).sort((one, other) => one - other);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.02);
  });
});

test('every stuck, leaky and dead node is masked, and by its name', () => {
  const { believed, actions } = planned();
  const verdicts = new Map<string, number>();
  let masked = 0;
  let good = 0;
  for (let seed = 1; seed <= 32; seed += 1) {
    const chip = createChip({ preset: PRESET, cells: 8, seed, stuck: 2, leaky: 2, dead: 1 });
    const { nodes } = fitArray(measure(chip, actions, believed.dacGain), believed);
    for (const { node, verdict } of nodes) {
      const defect = chip.truth.nodes[node]?.defect ?? null;
      if (defect !== null)
        verdicts.set(`${defect}: ${verdict}`, (verdicts.get(`${defect}: ${verdict}`) ?? 0) + 1);
      else if (verdict === 'good') good += 1;
      else masked += 1;
    }
  }
  expect(Object.fromEntries(verdicts)).toEqual({ 'stuck: stuck': 64, 'leaky: leaky': 64, 'dead: dead': 32 });
  expect(good + masked).toBe(32 * 11);
  expect(masked).toBeLessThanOrEqual(0.005 * 32 * 11);
});
