import { describe, expect, test } from 'vitest';
import { type Device, devices } from '../../../calibration/devices.ts';
import { tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { Ledger, type PulseCodes, type UpdateCost } from '../../../src/ledger/account.ts';
import { boundsOfUpdate } from '../../../src/ledger/bounds.ts';
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
  new Ledger(device, converters).account(pulses);
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

  test('its noise is that of two readings', () => {
    const readNoiseV = 12.9e-6 / 4 / 0.4;
    expect(cost.tunneledFC.noiseSigma).toBeCloseTo(1000 * Math.SQRT2 * readNoiseV, 4);
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

test('bounds of the n-th update', () => {
  const accounting = { bits: 14, temperatureK: 300, logRateRatio: 0, exponent: 1 };
  expect(boundsOfUpdate(1, accounting)).toEqual({ landauer: expect.closeTo(14 * 2.870979, 4), matched: 0 });
  expect(boundsOfUpdate(100, accounting).matched).toBeCloseTo(4.141947 * Math.log(100), 5);
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
