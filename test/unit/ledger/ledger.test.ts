import { describe, expect, test } from 'vitest';
import { type Device, devices } from '../../../calibration/devices.ts';
import { account } from '../../../src/ledger/account.ts';
import { boundsOfUpdate } from '../../../src/ledger/bounds.ts';
import { sigmaOf, sumOnOneNode } from '../../../src/ledger/measured.ts';
import { ratioToBound } from '../../../src/ledger/ratio.ts';

const damA = devices['dam-a'] as Device;
const converters = {
  nodeVPerCode: 4 / 2 ** 23 / 0.4,
  amplitudeVPerCode: 5 / 2 ** 16,
  readGain: 0.4,
  readAverages: 16,
  isClipped: () => false,
};
const code = (nodeV: number) => Math.round(nodeV / converters.nodeVPerCode);
const dacCode = Math.round(0.2236 / converters.amplitudeVPerCode);
const pulse = { dacCode, beforeCode: code(8.5), afterCode: code(8.5 - 330e-6) };

describe('one pulse of 0.2236 V on dam-a', () => {
  const cost = account([pulse], damA, converters);

  test('costs 5.0 fJ by half-cv2 and 8.0 fJ by full-cycle, DAC gain included', () => {
    expect(cost.energyFJ['half-cv2'].value).toBeCloseTo(5.0, 1);
    expect(cost.energyFJ['full-cycle'].value).toBeCloseTo(8.0, 1);
    expect(cost.drivenFC.value).toBeCloseTo(200 * dacCode * converters.amplitudeVPerCode * (1 - 480e-6), 10);
  });

  test('moved 0.33 fC through the oxide, 2060 electrons, at 8.54 V', () => {
    expect(cost.tunneledFC.value).toBeCloseTo(0.33, 3);
    expect(cost.energyFJ.tunneling.value / cost.tunneledFC.value).toBeCloseTo(8.5 + 0.2 * 0.2235, 3);
  });

  test('its sigma is that of the read noise, of C_C and of C_T', () => {
    const readNoiseV = 12.9e-6 / 4 / 0.4;
    expect(cost.tunneledFC.noiseSigma).toBeCloseTo(1000 * Math.SQRT2 * readNoiseV, 4);
    expect(cost.tunneledFC.commonSigma / cost.tunneledFC.value).toBeCloseTo(0.02, 4);
    expect(cost.energyFJ['half-cv2'].noiseSigma).toBe(0);
    expect(cost.energyFJ['half-cv2'].nodeSigma / cost.energyFJ['half-cv2'].value).toBeCloseTo(0.005, 6);
    // (1 - 2 eta)/(1 - eta) = 0.75 of the tolerance of C_C, eta/(1 - eta) = 0.25 of that of C_T.
    expect(cost.energyFJ['full-cycle'].commonSigma / cost.energyFJ['full-cycle'].value).toBeCloseTo(
      0.02 * Math.hypot(0.75, 0.25),
      4,
    );
  });

  test('sigmas agree with shifted parameters', () => {
    const shift = (part: 'couplingFF' | 'nodeCapacitanceFF', rel: number) =>
      account(
        [pulse],
        { ...damA, [part]: { ...damA[part], value: damA[part].value * (1 + rel) } },
        converters,
      );
    for (const estimator of ['full-cycle', 'half-cv2', 'tunneling'] as const) {
      const byParts = (['couplingFF', 'nodeCapacitanceFF'] as const).map(
        (part) =>
          (shift(part, 1e-5).energyFJ[estimator].value - shift(part, -1e-5).energyFJ[estimator].value) *
          (0.02 / 2e-5),
      );
      const expected = Math.hypot(...byParts);
      // The gains add at most 0.1 % to it.
      expect(cost.energyFJ[estimator].commonSigma / expected).toBeCloseTo(1, 2);
    }
  });
});

test('an update of several pulses adds values and common causes, noise in squares', () => {
  const one = { value: 2, noiseSigma: 3, nodeSigma: 1, commonSigma: 0.5 };
  const sum = sumOnOneNode([one, one, one, one]);
  expect(sum).toEqual({ value: 8, noiseSigma: 6, nodeSigma: 4, commonSigma: 2 });
  expect(sigmaOf(sum)).toBeCloseTo(Math.hypot(6, 4, 2), 12);
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
    expect(ratioToBound(-1, 0.1, 10)).toMatchObject({ kind: 'uncertain' });
    expect(ratioToBound(8, 0.1, 0)).toMatchObject({ kind: 'no-bound' });
  });

  test('an energy below its bound is a fault of the measurement', () => {
    expect(ratioToBound(8e-6, 1e-7, 14.7)).toMatchObject({
      kind: 'below-bound',
      reason: expect.stringContaining('at fault'),
    });
    expect(ratioToBound(14e-6, 1e-6, 14.7)).toMatchObject({ kind: 'ratio' });
  });
});
