import { expect, test } from 'vitest';
import { landauerZJ } from '../../../calibration/bounds/landauer.ts';
import { matchedTotalZJ, matchedUpdateZJ } from '../../../calibration/bounds/matched.ts';
import { thermalEnergyZJ } from '../../../calibration/constants.ts';

const ZJ_PER_J = 1e21;
const schedule = { temperatureK: 300, logRateRatio: 0, exponent: 1 };

test('kT and kT ln2 at 300 K', () => {
  expect(thermalEnergyZJ(300)).toBeCloseTo(4.141947, 6);
  expect(landauerZJ({ bits: 1, temperatureK: 300 })).toBeCloseTo(2.870979, 6);
});

test('totals of PHYSICS at brain scale and for GPT-3', () => {
  expect((landauerZJ({ bits: 1, temperatureK: 300 }) * 1e28) / ZJ_PER_J).toBeCloseTo(2.871e7, -4);
  const brain = matchedTotalZJ({ parameters: 1e15, operations: 1e28 }, schedule) / ZJ_PER_J;
  expect(brain / 1.198e9).toBeCloseTo(1, 3);
  const gpt3 = matchedTotalZJ({ parameters: 1.75e11, operations: 3.14e23 }, schedule) / ZJ_PER_J;
  expect(gpt3 / 3.54e4).toBeCloseTo(1, 2);
});

test('the total is the sum over the updates', () => {
  const tilted = { temperatureK: 290, logRateRatio: 1.5, exponent: 0.8 };
  const sum = Array.from({ length: 500 }, (_, index) => matchedUpdateZJ(index + 1, tilted)).reduce(
    (a, b) => a + b,
    0,
  );
  expect(matchedTotalZJ({ parameters: 1, operations: 500 }, tilted) / sum).toBeCloseTo(1, 10);
});

test('nonsense is refused', () => {
  expect(() => thermalEnergyZJ(-1)).toThrow(/above 0 K, found -1/);
  expect(() => landauerZJ({ bits: 0, temperatureK: 300 })).toThrow(/bits/);
  expect(() => matchedUpdateZJ(0, schedule)).toThrow(/starts at 1/);
  expect(() => matchedTotalZJ({ parameters: 10, operations: 9 }, schedule)).toThrow(
    /at least one a parameter/,
  );
});
