import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boostForDropV, relaxV, tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import { normalStream } from '../../mocks/random.ts';
import { singleGate } from '../support/single-gate.ts';

const node = fc.record({
  k1PerS: fc.double({ min: 1e12, max: 1e14, noNaN: true }),
  k2V: fc.double({ min: 250, max: 320, noNaN: true }),
});
const startV = fc.double({ min: 6, max: 9, noNaN: true });
const elapsedS = fc.double({ min: 0, max: 1e6, noNaN: true });

test('waiting twice is waiting once for the sum', () => {
  fc.assert(
    fc.property(startV, elapsedS, elapsedS, node, (v, a, b, parameters) => {
      expect(relaxV(relaxV(v, a, parameters), b, parameters)).toBeCloseTo(relaxV(v, a + b, parameters), 11);
    }),
  );
});

test('a floating gate never gains voltage by waiting, and loses more when boosted', () => {
  fc.assert(
    fc.property(
      startV,
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      node,
      (v, s, b, parameters) => {
        const free = tunnelingDropV(v, 0, s, parameters);
        expect(free).toBeGreaterThanOrEqual(0);
        expect(tunnelingDropV(v, b, s, parameters)).toBeGreaterThanOrEqual(free);
      },
    ),
  );
});

test('the boost for a fall makes the gate fall so far', () => {
  fc.assert(
    fc.property(
      startV,
      fc.double({ min: 1e-6, max: 1e-3, noNaN: true }),
      fc.double({ min: 1e-3, max: 1, noNaN: true }),
      node,
      (v, dropV, s, parameters) => {
        const foundV = tunnelingDropV(v, boostForDropV(v, dropV, s, parameters), s, parameters);
        expect(Math.abs(foundV / dropV - 1)).toBeLessThan(2e-6);
      },
    ),
  );
});

test('the mock and the library, written apart, agree to 1e-9 V', () => {
  const pulse = fc.record({
    restUs: fc.integer({ min: 0, max: 1e9 }),
    widthUs: fc.integer({ min: 1000, max: 1e6 }),
    amplitudeV: fc.double({ min: 0.2, max: 5, noNaN: true }),
  });
  fc.assert(
    fc.property(startV, node, fc.array(pulse, { maxLength: 60 }), (v, parameters, pulses) => {
      const gate = singleGate({ ...parameters, startV: v });
      let timeUs = 0;
      let nodeV = v;
      for (const { restUs, widthUs, amplitudeV } of pulses) {
        timeUs += restUs;
        gate.pulse(timeUs, widthUs, 0.2 * amplitudeV);
        timeUs += widthUs;
        nodeV = relaxV(nodeV, restUs / 1e6, parameters);
        nodeV -= tunnelingDropV(nodeV, 0.2 * amplitudeV, widthUs / 1e6, parameters);
      }
      expect(Math.abs(gate.voltageAt(timeUs) - nodeV)).toBeLessThan(1e-9);
    }),
  );
});

test('a noisy gate has a voltage at every time, however briefly settled and however little it tunnels', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 5.5, max: 9, noNaN: true }),
      // The last one hardly tunnels, so that rounding alone decides whether a drop is positive.
      fc.constantFrom({ k1PerS: 1.2e13, k2V: 300 }, { k1PerS: 1e12, k2V: 320 }, { k1PerS: 1e3, k2V: 300 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 50 }),
      (v, parameters, rests) => {
        const shot = normalStream(1, 'shot');
        const gate = singleGate({ ...parameters, startV: v }, { shot });
        let timeUs = 0;
        for (const restUs of rests) {
          timeUs += restUs;
          expect(Math.abs(gate.voltageAt(timeUs) - v)).toBeLessThan(0.1);
        }
      },
    ),
  );
});
