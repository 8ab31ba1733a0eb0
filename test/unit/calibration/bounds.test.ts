import { describe, expect, test } from 'vitest';
import { accelerators } from '../../../calibration/bounds/accelerators.ts';
import { assuming, assumptions } from '../../../calibration/bounds/assumptions.ts';
import { finiteRateZJ } from '../../../calibration/bounds/finite-rate.ts';
import { landauerZJ } from '../../../calibration/bounds/landauer.ts';
import { matchedTotalZJ, matchedUpdateZJ } from '../../../calibration/bounds/matched.ts';
import { precisionZJ } from '../../../calibration/bounds/precision.ts';
import { bandCenterJ, compareWithBand, publishedBand } from '../../../calibration/bounds/published-band.ts';
import { recycledZJ } from '../../../calibration/bounds/recycled.ts';
import { retentionBarrierKT, staticZJ } from '../../../calibration/bounds/static.ts';
import { boundNames, trainingBounds } from '../../../calibration/bounds/training-bounds.ts';
import { updateBoundNames, updateBoundsZJ } from '../../../calibration/bounds/update-bounds.ts';
import { thermalEnergyZJ } from '../../../calibration/constants.ts';
import { models } from '../../../calibration/models.ts';

const schedule = { temperatureK: 300, logRateRatio: 0, exponent: 1 };
const kTZJ = 4.141947;
const retention = { temperatureK: 300, retentionS: 10 * 365.25 * 86_400, rateMaxPerS: 1e12 };
const gpt3 = { parameters: 1.75e11, operations: 3.14e23 };

/** The same to so many digits. */
const toDigits = (value: number, expected: number, digits: number) =>
  expect(value.toExponential(digits - 1)).toBe(expected.toExponential(digits - 1));

describe('checks of the theory, to four digits', () => {
  test('kT and kT ln2 at 300 K', () => {
    toDigits(thermalEnergyZJ(300), 4.141947, 7);
    toDigits(landauerZJ({ bits: 1, temperatureK: 300 }), 2.870979, 7);
  });

  test('brain scale: landauer of one bit, matched', () => {
    const brain = trainingBounds(publishedBand, assuming({ bits: 1 }));
    toDigits(brain.landauer.totalJ, 2.871e7, 4);
    toDigits(brain.matched.totalJ, 1.198e9, 4);
  });

  test('GPT-3: landauer of 16 bits, matched, static, as far as they are given', () => {
    const { landauer, matched, static: fixed } = trainingBounds(gpt3, assuming());
    toDigits(landauer.totalJ, 1.44e4, 3);
    toDigits(matched.totalJ, 3.54e4, 3);
    toDigits(fixed.totalJ, 6.14e4, 3);
  });

  test('and by other formulas', () => {
    const bounds = trainingBounds(gpt3, assuming());
    const kTJ = kTZJ * 1e-21;
    const perParameter = gpt3.operations / gpt3.parameters;
    const stirling = Math.log(perParameter) - 1 + Math.log(2 * Math.PI * perParameter) / 2 / perParameter;
    toDigits(bounds.matched.totalJ, gpt3.operations * kTJ * stirling, 6);
    toDigits(bounds.landauer.totalJ, gpt3.operations * kTJ * Math.log(65_536), 6);
    toDigits(bounds.recycled.totalJ, gpt3.operations * kTJ * Math.log(999), 6);
    toDigits(bounds.precision.totalJ, gpt3.parameters * kTJ * 2 * 65_536 ** 2, 6);
    // A tilt that works against a barrier of kT ln(R_max tau): kT ln(v tau) for each of the two directions.
    const attempts = (perParameter / (30 * 86_400)) * retention.retentionS;
    toDigits(bounds['finite-rate'].totalJ, gpt3.operations * kTJ * 2 * Math.log(attempts), 6);
  });
});

describe('the published band', () => {
  test('landauer at 16 and 32 bits, recycled and matched come within a decade of its center', () => {
    const at16 = compareWithBand(assuming());
    const at32 = compareWithBand(assuming({ bits: 32 }));
    expect(bandCenterJ).toBeCloseTo(10 ** 8.5, 3);
    for (const { overCenter } of [at16.landauer, at32.landauer, at16.recycled, at16.matched])
      expect(Math.abs(Math.log10(overCenter))).toBeLessThan(1);
    toDigits(at16.matched.overCenter, 1.198e9 / 10 ** 8.5, 3);
    expect(at16.landauer.isInBand).toBe(true);
    expect(at16.matched.isInBand).toBe(false);
  });

  test('says that its number of operations is assumed', () => {
    expect(publishedBand).toMatchObject({ operationsProvenance: 'assumed', provenance: 'published' });
    expect(models['brain-scale']).toMatchObject({ operationsProvenance: 'assumed' });
  });

  test('accelerators are 6 to 7 orders above it; one of them is what GPT-3 took', () => {
    const [projected, of2020] = accelerators.map(({ perOperationJ }) => perOperationJ);
    const orders = Math.log10(((projected ?? 0) * publishedBand.operations) / bandCenterJ);
    expect(orders).toBeGreaterThan(6);
    expect(orders).toBeLessThan(7);
    expect((1287e6 * 3600) / gpt3.operations / (of2020 ?? 0)).toBeCloseTo(1, 1);
  });
});

describe('each bound follows from its rates', () => {
  test('a static barrier is crossed once in the retention', () => {
    const barrierKT = retentionBarrierKT(retention);
    expect(retention.rateMaxPerS * Math.exp(-barrierKT) * retention.retentionS).toBeCloseTo(1, 9);
    expect(staticZJ(retention) / kTZJ).toBeCloseTo(barrierKT, 6);
  });

  test.each([
    0, 1e-6, 3, 25, 60,
  ])('the tilt of finite-rate gives the rate back: barrier %d kT', (barrierKT) => {
    for (const ratePerS of [1e-9, 1, 1e6, 1e12]) {
      const tiltKT =
        finiteRateZJ({ temperatureK: 300, ratePerS, rateMaxPerS: 1e12, barrierKT }) / thermalEnergyZJ(300);
      expect((2e12 * Math.exp(-barrierKT) * Math.sinh(tiltKT / 2)) / ratePerS).toBeCloseTo(1, 9);
    }
  });

  test('finite-rate does not overflow, and is smooth where its form changes', () => {
    const at = (barrierKT: number) =>
      finiteRateZJ({ temperatureK: 300, ratePerS: 1e6, rateMaxPerS: 1e12, barrierKT }) / thermalEnergyZJ(300);
    expect(at(2000)).toBeCloseTo(2 * (2000 + Math.log(1e-6)), 9);
    const change = 20 + Math.LN2 - Math.log(1e-6);
    expect(at(change + 1e-9) - at(change - 1e-9)).toBeCloseTo(4e-9, 12);
  });

  test('slow updates cost nothing to drive: finite-rate goes to zero with the rate', () => {
    const slow = finiteRateZJ({ temperatureK: 300, ratePerS: 1e-30, rateMaxPerS: 1e12, barrierKT: 5 });
    expect(slow / ((kTZJ * 1e-30 * Math.exp(5)) / 1e12)).toBeCloseTo(1, 5);
  });

  test('recycled is the tilt whose forward and backward rates err by eps', () => {
    const tiltKT = recycledZJ({ errorRate: 1e-3, temperatureK: 300 }) / thermalEnergyZJ(300);
    expect(1 / (1 + Math.exp(tiltKT))).toBeCloseTo(1e-3, 12);
    expect(recycledZJ({ errorRate: 0.499999, temperatureK: 300 }) / kTZJ).toBeCloseTo(4e-6, 9);
  });

  test('precision: one bit more costs four times as much', () => {
    const at = (bits: number) => precisionZJ({ bits, temperatureK: 300 });
    expect(at(17) / at(16)).toBe(4);
    expect(at(0.5) / kTZJ).toBeCloseTo(4, 6);
  });

  test('the matched total is the sum over the updates', () => {
    const tilted = { temperatureK: 290, logRateRatio: 1.5, exponent: 0.8 };
    const sum = Array.from({ length: 500 }, (_, index) => matchedUpdateZJ(index + 1, tilted)).reduce(
      (a, b) => a + b,
      0,
    );
    expect(matchedTotalZJ({ parameters: 1, operations: 500 }, tilted) / sum).toBeCloseTo(1, 10);
  });

  test('spreading updates evenly costs least', () => {
    const total = (operations: number) => matchedTotalZJ({ parameters: 1, operations }, schedule);
    const even = matchedTotalZJ({ parameters: 2, operations: 200 }, schedule);
    for (const some of [1, 30, 99]) expect(total(some) + total(200 - some)).toBeGreaterThan(even);
    expect(matchedTotalZJ({ parameters: 2, operations: 201 }, schedule)).toBeLessThan(
      total(100) + total(101),
    );
  });
});

describe('all together', () => {
  test('a single update has its own number, rate, barrier and bits', () => {
    const own = updateBoundsZJ({ n: 7, ratePerS: 5, barrierKT: 12 }, assuming({ bits: 14 }));
    expect(Object.keys(own)).toEqual([...updateBoundNames]);
    expect(own.landauer / kTZJ).toBeCloseTo(14 * Math.LN2, 6);
    expect(own.matched / kTZJ).toBeCloseTo(Math.log(7), 6);
    expect(own['finite-rate']).toBe(
      finiteRateZJ({ temperatureK: 300, ratePerS: 5, rateMaxPerS: 1e12, barrierKT: 12 }),
    );
    const kept = updateBoundsZJ({ n: 7, ratePerS: 5 }, assuming());
    expect(kept['finite-rate']).toBe(
      finiteRateZJ({
        temperatureK: 300,
        ratePerS: 5,
        rateMaxPerS: 1e12,
        barrierKT: retentionBarrierKT(retention),
      }),
    );
  });

  test('totals are operations times the mean update', () => {
    const bounds = trainingBounds(gpt3, assuming({ rateRatio: 20 }));
    for (const name of boundNames) {
      const { perUpdateZJ, totalJ } = bounds[name];
      expect((perUpdateZJ * 1e-21 * gpt3.operations) / totalJ).toBeCloseTo(1, 12);
    }
    const without = trainingBounds(gpt3, assuming());
    expect((bounds.matched.perUpdateZJ - without.matched.perUpdateZJ) / kTZJ).toBeCloseTo(Math.log(20), 6);
  });

  test('every assumption says what it is and whose', () => {
    expect(Object.keys(assumptions)).toEqual(Object.keys(assuming()));
    for (const { label, provenance } of Object.values(assumptions)) {
      expect(label).not.toBe('');
      expect(['assumed', 'derived']).toContain(provenance);
    }
  });

  test('named models have a source, and a bound of every kind', () => {
    expect(models['gpt-3']).toMatchObject({ ...gpt3, operationsProvenance: 'published' });
    for (const model of Object.values(models)) {
      expect(model.source).toMatch(/arXiv \d{4}\.\d{5}/);
      for (const { totalJ } of Object.values(trainingBounds(model, assuming())))
        expect(totalJ).toBeGreaterThan(0);
    }
  });
});

describe('nonsense is refused', () => {
  const fast = { temperatureK: 300, ratePerS: 2e12, rateMaxPerS: 1e12, barrierKT: 10 };
  test.each<[string, () => unknown, RegExp]>([
    ['temperature below zero', () => thermalEnergyZJ(-1), /above 0 K, found -1/],
    ['temperature without end', () => thermalEnergyZJ(Number.POSITIVE_INFINITY), /found Infinity/],
    ['no bits', () => landauerZJ({ bits: 0, temperatureK: 300 }), /bits: expected a value above 0/],
    ['more bits than a number has', () => precisionZJ({ bits: 600, temperatureK: 300 }), /at most 128/],
    ['an update before the first', () => matchedUpdateZJ(0, schedule), /starts at 1/],
    [
      'fewer operations than parameters',
      () => matchedTotalZJ({ parameters: 10, operations: 9 }, schedule),
      /at least one a parameter/,
    ],
    ['no parameters', () => trainingBounds({ parameters: 0, operations: 9 }, assuming()), /parameters/],
    ['a barrier that falls', () => matchedUpdateZJ(2, { ...schedule, exponent: -1 }), /exponent/],
    ['a first rate above R_max', () => matchedUpdateZJ(2, { ...schedule, logRateRatio: -1 }), /logRateRatio/],
    ['that as a ratio', () => trainingBounds(gpt3, assuming({ rateRatio: 0.5 })), /rateRatio.*at least 1/],
    ['an error rate of zero', () => recycledZJ({ errorRate: 0, temperatureK: 300 }), /above 0 and below 0.5/],
    ['an error rate of one', () => recycledZJ({ errorRate: 1, temperatureK: 300 }), /errorRate/],
    ['steps as often wrong as right', () => recycledZJ({ errorRate: 0.5, temperatureK: 300 }), /errorRate/],
    ['a rate above R_max', () => finiteRateZJ(fast), /at most the attempt rate/],
    ['a negative barrier', () => finiteRateZJ({ ...fast, ratePerS: 1, barrierKT: -1 }), /barrierKT/],
    ['retention of no attempt', () => staticZJ({ ...retention, retentionS: 1e-13 }), /retentionS/],
    ['a training of no time', () => trainingBounds(gpt3, assuming({ trainingS: 0 })), /trainingS/],
    ['NaN', () => staticZJ({ ...retention, rateMaxPerS: Number.NaN }), /rateMaxPerS/],
  ])('%s', (_, bound, message) => {
    expect(bound).toThrow(RangeError);
    expect(bound).toThrow(message);
  });
});
