import { describe, expect, test } from 'vitest';
import { type Device, devices } from '../../../calibration/devices.ts';
import { tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { nominalChip } from '../../../src/chip/chip-model.ts';
import { accountingSchema } from '../../../src/config/experiment.ts';
import { Ledger, type PulseCodes, type UpdateCost } from '../../../src/ledger/account.ts';
import { UpdateBounds } from '../../../src/ledger/bounds.ts';
import { sumOnOneNode } from '../../../src/ledger/measured.ts';
import { ratioToBound } from '../../../src/ledger/ratio.ts';

const damA = devices['dam-a'] as Device;
const converters = {
  nodeVPerCode: 4 / 2 ** 23 / 0.4,
  amplitudeVPerCode: 5 / 2 ** 16,
  readGain: 0.4,
  readAverages: 16,
  isClipped: () => false,
};
const account = (pulses: readonly PulseCodes[], device: Device) =>
  new Ledger(nominalChip(device), converters).account(pulses, { node: 0, temperatureK: 300 });
const code = (nodeV: number) => Math.round(nodeV / converters.nodeVPerCode);
const dacCode = Math.round(0.2236 / converters.amplitudeVPerCode);
const IDLE_US = 8192;
const pulse = {
  dacCode,
  widthUs: 200_000,
  idleUs: IDLE_US,
  beforeCode: code(8.5),
  afterCode: code(8.5 - 341.12e-6),
};

describe('one pulse of 0.2236 V on dam-a', () => {
  const cost = account([pulse], damA);

  test('costs 5.0 fJ by half-cv2 and 8.0 fJ by full-cycle, DAC gain included', () => {
    expect(cost.energyFJ['half-cv2'].value).toBeCloseTo(5.0, 1);
    expect(cost.energyFJ['full-cycle'].value).toBeCloseTo(8.0, 1);
    expect(cost.drivenFC.value).toBeCloseTo(200 * dacCode * converters.amplitudeVPerCode * (1 - 480e-6), 10);
  });

  test('moved 0.33 fC through the oxide at 8.54 V; the free decay of 8.2 ms besides it is not counted', () => {
    expect(cost.tunneledFC.value).toBeCloseTo(0.341_12 - 1.358 * 0.008_192, 3);
    expect(cost.energyFJ.tunneling.value / cost.tunneledFC.value).toBeCloseTo(8.5 + 0.2 * 0.2235, 3);
  });

  test('what it costs does not depend on how long others of its slot went on', () => {
    const waited = account(
      [
        {
          ...pulse,
          idleUs: 808_192,
          afterCode: code(8.5 - 341.12e-6 - tunnelingDropV(8.5, 0, 0.8, damA.tunneling)),
        },
      ],
      damA,
    );
    expect(waited.tunneledFC.value / cost.tunneledFC.value).toBeCloseTo(1, 1.5);
    expect(waited.tunneledFC.nodeSigma).toBeGreaterThan(50 * cost.tunneledFC.nodeSigma);
  });

  test('its noise is that of two readings, and of the electrons of the free decay besides it', () => {
    const readNoiseV = 12.9e-6 / 4 / 0.4;
    const decayV = tunnelingDropV(8.5, 0, IDLE_US / 1e6, damA.tunneling);
    const shotV = Math.sqrt((decayV * 1.602176634e-4) / 1000);
    expect(cost.tunneledFC.noiseSigma).toBeCloseTo(1000 * Math.hypot(Math.SQRT2 * readNoiseV, shotV), 4);
    expect(cost.energyFJ['half-cv2'].noiseSigma).toBe(0);
  });

  test('its other sigmas are those of every parameter that it leans on', () => {
    const parameters = ['couplingFF', 'nodeCapacitanceFF', 'dacGain', 'readGain', 'decayRate'] as const;
    const quantities = (shifted: UpdateCost) => ({
      ...shifted.energyFJ,
      tunneled: shifted.tunneledFC,
      driven: shifted.drivenFC,
    });
    // Each parameter in turn is the only uncertain one, with a tolerance that makes it stand out.
    for (const parameter of parameters) {
      const tolerance = (rel: number) =>
        Object.fromEntries(
          parameters.map((name) => [
            name,
            {
              ...damA[name],
              commonRel: name === parameter ? rel : 0,
              nodeRel: name === parameter ? 2 * rel : 0,
            },
          ]),
        );
      const uncertain = quantities(account([pulse], { ...damA, ...tolerance(0.01) }));
      const at = (rel: number) =>
        quantities(
          account([pulse], {
            ...damA,
            // The same current on another capacitance is another rate.
            decayRate: {
              ...damA.decayRate,
              value: parameter === 'nodeCapacitanceFF' ? 1 / (1 + rel) : 1,
            },
            [parameter]: { ...damA[parameter], value: damA[parameter].value * (1 + rel) },
          }),
        );
      const [up, down] = [at(1e-6), at(-1e-6)];
      for (const [name, { commonSigma, nodeSigma }] of Object.entries(uncertain)) {
        const key = name as keyof typeof uncertain;
        const expected = Math.abs(up[key].value - down[key].value) * (0.01 / 2e-6);
        expect(Math.abs(commonSigma - expected), `${name} by ${parameter}`).toBeLessThan(
          1e-5 * Math.abs(uncertain[key].value),
        );
        expect(nodeSigma, `${name} by ${parameter}`).toBeCloseTo(2 * commonSigma, 12);
      }
    }
  });
});

test('an update of several pulses adds values and common causes, noise in squares', () => {
  const one = { value: 2, noiseSigma: 3, nodeSigma: 1, commonSigma: 0.5 };
  const sum = sumOnOneNode([one, one, one, one]);
  expect(sum).toEqual({ value: 8, noiseSigma: 6, nodeSigma: 4, commonSigma: 2 });
});

describe('bounds of an update', () => {
  const kT = 4.141947;
  const bounds = new UpdateBounds(accountingSchema.parse(undefined));
  const update = { n: 100, widthUs: 200_000, plasticityS: 177, tunneledFC: 0.436 };

  test('are those of its own number, rate, barrier and electrons', () => {
    expect(bounds.of(update)).toEqual({
      landauer: expect.closeTo(14 * 2.870979, 4),
      static: expect.closeTo(kT * Math.log(1e12 * 10 * 365.25 * 86_400), 3),
      // 5 steps a second over the barrier of the plasticity time: 2 kT asinh(v t0/2).
      'finite-rate': expect.closeTo(2 * kT * Math.asinh((5 * 177) / 2), 3),
      matched: expect.closeTo(kT * Math.log(100), 4),
      recycled: expect.closeTo(kT * Math.log(999), 4),
      precision: expect.closeTo((2 * kT * 0.436) / 1.602176634e-4, 0),
    });
  });

  test('the first one of a parameter needs nothing by matched, and noise below zero nothing by precision', () => {
    expect(bounds.of({ ...update, n: 1 }).matched).toBe(0);
    expect(bounds.of({ ...update, tunneledFC: -0.001 }).precision).toBe(0);
  });

  test('a shorter pulse on a harder node needs more by finite-rate', () => {
    const hard = bounds.of({ ...update, widthUs: 1000, plasticityS: 1e5 })['finite-rate'];
    expect(hard).toBeCloseTo(2 * kT * Math.asinh(1e8 / 2), 3);
  });

  test('a node that never decays needs no more than retention asks for, one without barrier hardly anything', () => {
    const of = (plasticityS: number) => bounds.of({ ...update, plasticityS })['finite-rate'];
    expect(of(Number.POSITIVE_INFINITY)).toBeCloseTo(of(10 * 365.25 * 86_400), 6);
    expect(of(0)).toBeLessThan(1e-9);
  });
});

describe('the ratio to a bound', () => {
  test('8 fJ is 5.4e5 times 14.7 zJ', () => {
    expect(ratioToBound(8, 0.1, 14.7)).toEqual({
      kind: 'ratio',
      value: expect.closeTo(544_218, 0),
      sigma: expect.closeTo(6803, 0),
    });
  });

  test('is not given where sigma is not below the value, or the bound is zero', () => {
    expect(ratioToBound(1, 1, 10)).toMatchObject({
      kind: 'uncertain',
      reason: 'sigma (1.0 fJ) is not below the value (1.0 fJ)',
    });
    expect(ratioToBound(-0.1, 0.1, 10)).toMatchObject({ kind: 'uncertain' });
    expect(ratioToBound(8, 0.1, 0)).toMatchObject({ kind: 'no-bound' });
  });

  test('an energy below its bound is a fault of the measurement', () => {
    expect(ratioToBound(8e-6, 1e-7, 14.7)).toMatchObject({
      kind: 'below-bound',
      reason: expect.stringContaining('at fault'),
    });
    expect(ratioToBound(-1, 0.1, 10)).toMatchObject({ kind: 'below-bound' });
    expect(ratioToBound(1e-8, 2e-8, 14.7)).toMatchObject({ kind: 'below-bound' });
    expect(ratioToBound(14e-6, 1e-6, 14.7)).toMatchObject({ kind: 'ratio' });
  });
});
