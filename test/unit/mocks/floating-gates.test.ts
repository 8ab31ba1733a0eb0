import { describe, expect, test } from 'vitest';
import { decayRateVPerS, relaxV, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { FloatingGates } from '../../../mocks/floating-gates.ts';
import { normalStream } from '../../../mocks/random.ts';
import { Thermal } from '../../../mocks/thermal.ts';
import { singleGate } from '../../support/single-gate.ts';

const node = { k1PerS: 1.2e13, k2V: 300 };
const US_PER_S = 1e6;
const QUANTUM_V = 1.602176634e-7;

describe('tiny updates', () => {
  test('a million pulses of 1e-16 of the voltage each add up to one pulse as long as all', () => {
    const startV = 6;
    const boostV = 0.2236 * 0.2;
    const pulses = 1_000_000;
    // Chosen so that one pulse moves 1e-16 of the voltage: half a digit less than a double holds.
    const k1PerS = node.k1PerS * (6e-16 / tunnelingDropV(startV, boostV, 1e-6, node));
    const gate = singleGate({ k1PerS, startV });
    for (let pulse = 0; pulse < pulses; pulse += 1) gate.pulse(pulse, 1, boostV);
    const totalV = tunnelingDropV(startV, boostV, pulses / US_PER_S, { ...node, k1PerS });
    expect(totalV).toBeCloseTo(6e-10, 13);
    expect((startV - gate.voltageAt(pulses)) / totalV).toBeCloseTo(1, 5);
  });

  test('so do a million rests, and rests of 1e-20', () => {
    const startV = 6;
    const rests = 1_000_000;
    const one = singleGate({ k1PerS: 1e-2 * node.k1PerS, startV });
    for (let us = 1; us <= rests; us += 1) one.voltageAt(us);
    const totalV = startV - relaxV(startV, 1, { ...node, k1PerS: 1e-2 * node.k1PerS });
    expect(totalV).toBeLessThan(1e-11);
    expect(Math.abs(startV - one.voltageAt(rests) - totalV)).toBeLessThan(1e-14);
  });
});

describe('shot noise', () => {
  const GATES = 20_000;
  const FOUR_SIGMA = 4 * Math.sqrt(2 / GATES);
  const many = (seed: number, startV: number) =>
    new FloatingGates(
      Array.from({ length: GATES }, () => ({ ...node, nodeCapacitanceFF: 1000, couplingFF: 200, startV })),
      new Thermal(
        { referenceK: 300, k1PerK: 0.003, k2PerK: -1.16e-4 },
        { fromUs: 0, fromK: 300, driftKPerHour: 0 },
      ),
      normalStream(seed, 'shot'),
    );
  /** q/C_T Int r m^2 dt, m = r_end / r, by the midpoint rule over the voltage. */
  const varianceV2 = (startV: number, endV: number, boostV = 0) => {
    const parts = 20_000;
    const stepV = (startV - endV) / parts;
    const rate = (nodeV: number) => decayRateVPerS(nodeV + boostV, node);
    let sum = 0;
    for (let part = 0; part < parts; part += 1)
      sum += (rate(endV) / rate(startV - (part + 0.5) * stepV)) ** 2;
    return QUANTUM_V * sum * stepV;
  };
  const foundV2 = (voltages: readonly number[]) => {
    const mean = voltages.reduce((sum, value) => sum + value, 0) / voltages.length;
    return voltages.reduce((sum, value) => sum + (value - mean) ** 2, 0) / voltages.length;
  };
  const all = (gates: FloatingGates, us: number) =>
    Array.from({ length: GATES }, (_, index) => gates.voltageAt(index, us));

  test.each([
    0.2, 60, 3600, 1e5,
  ])('after %s s its variance is that of electrons, early ones forgotten', (forS) => {
    const expected = varianceV2(8.5, relaxV(8.5, forS, node));
    // What looks does not change it: never before, twice, or twenty times.
    for (const [seed, looks] of [
      [1, 1],
      [2, 2],
      [3, 20],
    ] as const) {
      const gates = many(seed, 8.5);
      for (let look = 1; look < looks; look += 1) all(gates, Math.round((forS * US_PER_S * look) / looks));
      const found = foundV2(all(gates, forS * US_PER_S));
      expect(Math.abs(found / expected - 1), `${looks} looks`).toBeLessThan(FOUR_SIGMA);
    }
  });

  test('pulses that nobody looks at in between leave the same as pulses that are watched', () => {
    const variances = [1, 40].map((looks) => {
      const gates = many(looks, 8.5);
      for (let pulse = 0; pulse < 40; pulse += 1) {
        for (let index = 0; index < GATES; index += 1) {
          gates.pulse(index, pulse * 1_000_000, 500_000, 0.8);
          if (looks > 1) gates.voltageAt(index, pulse * 1_000_000 + 600_000);
        }
      }
      return foundV2(all(gates, 40_000_000));
    });
    expect(Math.abs((variances[0] ?? 0) / (variances[1] ?? 0) - 1)).toBeLessThan(1.5 * FOUR_SIGMA);
  });

  test('one pulse: electrons over C_T', () => {
    const gates = many(5, 8.5);
    const endV = 8.5 - tunnelingDropV(8.5, 0.8, 0.05, node);
    for (let index = 0; index < GATES; index += 1) gates.pulse(index, 0, 50_000, 0.8);
    const found = foundV2(all(gates, 50_000));
    expect(Math.abs(found / varianceV2(8.5, endV, 0.8) - 1)).toBeLessThan(FOUR_SIGMA);
  });
});

describe('temperature', () => {
  const rateAt = (temperatureK: number) => {
    const gate = singleGate({ startV: 8 }, { temperatureK });
    return (8 - gate.voltageAt(1e6)) / 1;
  };

  test('at 8 V a kelvin more tunnels 0.73 % faster', () => {
    expect((rateAt(300.5) / rateAt(299.5) - 1) * 100).toBeCloseTo(0.73, 1);
  });

  test('setting it moves no gate, and acts from then on', () => {
    const gate = singleGate({ startV: 8 });
    const beforeV = gate.voltageAt(1e6);
    gate.setTemperature(1e6, 320);
    expect(gate.voltageAt(1e6)).toBeCloseTo(beforeV, 13);
    const warm = { k1PerS: node.k1PerS * (1 + 0.003 * 20), k2V: node.k2V * (1 - 1.16e-4 * 20) };
    expect(beforeV - gate.voltageAt(2e6)).toBeCloseTo(tunnelingDropV(beforeV, 0, 1, warm), 12);
    gate.setTemperature(2e6, 300);
    expect(gate.voltageAt(2e6)).toBeCloseTo(relaxV(beforeV, 1, warm), 13);
  });
});

test('a stuck gate stays where it is', () => {
  const gate = singleGate({ isStuck: true });
  gate.pulse(1e6, 1e6, 1);
  expect(gate.voltageAt(1e12)).toBe(8.5);
});

test('a gate that is driven out of its range ends empty, not without a number', () => {
  const gate = singleGate({ k1PerS: 1e60, startV: 2 });
  gate.pulse(0, 1e6, 5);
  const emptyV = gate.voltageAt(1e6);
  expect(emptyV).toBeGreaterThan(0);
  expect(gate.voltageAt(1e18)).toBeLessThanOrEqual(emptyV);
});
