import { describe, expect, test } from 'vitest';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import { seededRandom } from '../../src/core/random.ts';
import { integratedDropV } from '../support/integrated.ts';
import { singleGate } from '../support/single-gate.ts';

// Mock, library and an integrator of the differential equation: three ways to the same voltage.
const node = { k1PerS: 1.2e13, k2V: 300 };
const US_PER_S = 1e6;

describe.each([8.5, 8, 7.5, 6])('free decay from %s V', (startV) => {
  test.each([1e-6, 1, 60, 1800, 86_400, 1e6])('over %s s', (forS) => {
    const gate = singleGate({ ...node, startV });
    const libraryV = tunnelingDropV(startV, 0, forS, node);
    const integratedV = integratedDropV(startV, forS, node);
    expect(Math.abs(startV - gate.voltageAt(forS * US_PER_S) - libraryV)).toBeLessThan(1e-9);
    expect(Math.abs(integratedV - libraryV)).toBeLessThan(1e-9);
    expect(Math.abs(integratedV / libraryV - 1)).toBeLessThan(1e-9);
  });
});

test('10,000 random pulses with random rests, one after the other', () => {
  const random = seededRandom(4, 'pulses');
  const drawn = (min: number, max: number) => min + (max - min) * (random.integer(1 << 24) / (1 << 24));
  const startV = 8.5;
  const gate = singleGate({ ...node, startV });
  let timeUs = 0;
  let libraryV = startV;
  let integratedV = startV;
  const worstV = { library: 0, integrator: 0 };
  for (let pulse = 0; pulse < 10_000; pulse += 1) {
    const restUs = Math.round(10 ** drawn(0, 8));
    const widthUs = Math.round(10 ** drawn(3, 6));
    const boostV = 0.2 * drawn(0.2, 5);
    timeUs += restUs;
    gate.pulse(timeUs, widthUs, boostV);
    timeUs += widthUs;
    for (const [forUs, b] of [
      [restUs, 0],
      [widthUs, boostV],
    ] as const) {
      libraryV -= tunnelingDropV(libraryV, b, forUs / US_PER_S, node);
      integratedV -= integratedDropV(integratedV, forUs / US_PER_S, { ...node, boostV: b });
    }
    const mockV = gate.voltageAt(timeUs);
    worstV.library = Math.max(worstV.library, Math.abs(mockV - libraryV));
    worstV.integrator = Math.max(worstV.integrator, Math.abs(mockV - integratedV));
  }
  expect(libraryV).toBeLessThan(7.6);
  expect(worstV.library).toBeLessThan(1e-9);
  expect(worstV.integrator).toBeLessThan(1e-9);
});

describe('what only the mock has', () => {
  test.each([
    { startV: 8.5, forS: 3600, driftKPerHour: 5 },
    { startV: 8, forS: 86_400, driftKPerHour: -1 },
    { startV: 8.5, forS: 1e6, driftKPerHour: 0.4 },
  ])('drifting at $driftKPerHour K/h from $startV V over $forS s', ({ startV, forS, driftKPerHour }) => {
    const relPerS = (perK: number) => (perK * driftKPerHour) / 3600;
    const acting = { ...node, k1RelPerS: relPerS(0.003), k2RelPerS: relPerS(-1.16e-4) };
    const trueV = startV - integratedDropV(startV, forS, acting);
    const once = singleGate({ ...node, startV }, { driftKPerHour });
    expect(Math.abs(once.voltageAt(forS * US_PER_S) - trueV)).toBeLessThan(1e-9);
    const often = singleGate({ ...node, startV }, { driftKPerHour });
    for (let part = 1; part <= 100; part += 1) often.voltageAt((forS * US_PER_S * part) / 100);
    expect(Math.abs(often.voltageAt(forS * US_PER_S) - trueV)).toBeLessThan(1e-9);
  });

  test.each([
    { startV: 8.5, forS: 3600, leakS: 12_000 },
    { startV: 8.5, forS: 2e5, leakS: 120_000 },
    { startV: 8, forS: 1e5, leakS: 1e6 },
  ])('a leak of tau $leakS s from $startV V over $forS s', ({ startV, forS, leakS }) => {
    const gate = singleGate({ ...node, startV, leakS });
    const trueV = startV - integratedDropV(startV, forS, { ...node, leakS });
    expect(Math.abs(gate.voltageAt(forS * US_PER_S) - trueV)).toBeLessThan(1e-6);
    const pulsed = singleGate({ ...node, startV, leakS });
    pulsed.pulse(0, 1e6, 0.8);
    const droppedV = integratedDropV(startV, 1, { ...node, leakS, boostV: 0.8 });
    expect(Math.abs(startV - droppedV - pulsed.voltageAt(1e6))).toBeLessThan(3e-8);
  });
});
