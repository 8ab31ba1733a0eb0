import { expect, test } from 'vitest';
import { assuming } from '../../../calibration/bounds/assumptions.ts';
import { type InputName, sensitivities } from '../../../calibration/bounds/sensitivity.ts';
import { trainingBounds } from '../../../calibration/bounds/training-bounds.ts';

const gpt3 = { parameters: 1.75e11, operations: 3.14e23 };

/** Which inputs change a bound. */
const inputsOf = (bound: keyof ReturnType<typeof trainingBounds>): InputName[] =>
  sensitivities(gpt3, assuming())
    .filter(({ changed }) => Math.abs((changed?.effects[bound] ?? Number.NaN) - 1) > 1e-9)
    .map(({ name }) => name);

test('each bound depends on what its formula holds, and on nothing else', () => {
  expect(inputsOf('landauer')).toEqual(['operations', 'bits', 'temperatureK']);
  expect(inputsOf('static')).toEqual(['operations', 'temperatureK', 'retentionS', 'rateMaxPerS']);
  // R_max falls out where the barrier is the retention's; more OPS in the same time are a higher rate.
  expect(inputsOf('finite-rate')).toEqual([
    'parameters',
    'operations',
    'temperatureK',
    'retentionS',
    'trainingS',
  ]);
  expect(inputsOf('matched')).toEqual(['parameters', 'operations', 'temperatureK', 'rateRatio', 'exponent']);
  expect(inputsOf('recycled')).toEqual(['operations', 'temperatureK', 'errorRate']);
  expect(inputsOf('precision')).toEqual(['parameters', 'bits', 'temperatureK']);
});

test('an effect is the bound with that input over the bound without', () => {
  const row = sensitivities(gpt3, assuming()).find(({ name }) => name === 'retentionS');
  const total = (retentionS: number) => trainingBounds(gpt3, assuming({ retentionS })).static.totalJ;
  expect(row?.changed?.to).toBeCloseTo(10 * (row?.value ?? 0), 3);
  expect(row?.changed?.effects.static).toBeCloseTo(total(row?.changed?.to ?? 0) / total(row?.value ?? 0), 12);
});

test('what cannot be changed one way is changed the other, if at all', () => {
  const rows = sensitivities({ parameters: 10, operations: 50 }, assuming({ bits: 100, trainingS: 1e-11 }));
  const factorOf = (name: InputName) => {
    const row = rows.find((candidate) => candidate.name === name);
    return row?.changed === null ? null : (row?.changed?.to ?? 0) / (row?.value ?? 1);
  };
  expect(factorOf('parameters')).toBeNull();
  expect(factorOf('operations')).toBeNull();
  expect(factorOf('bits')).toBe(0.5);
  expect(factorOf('trainingS')).toBeCloseTo(10, 9);
  expect(factorOf('errorRate')).toBeCloseTo(0.1, 9);
});

test('a bound of zero has no factor', () => {
  const operations = sensitivities({ parameters: 10, operations: 10 }, assuming()).find(
    ({ name }) => name === 'operations',
  );
  expect(operations?.changed?.effects).toMatchObject({ matched: null, recycled: 10 });
});
