import fc from 'fast-check';
import { expect, test } from 'vitest';
import { relaxV, tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import { FloatingGate } from '../../mocks/floating-gate.ts';

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

test('the mock and the library, written apart, agree to 1e-9 V', () => {
  const pulse = fc.record({
    restS: fc.double({ min: 0, max: 1e3, noNaN: true }),
    widthS: fc.double({ min: 1e-3, max: 1, noNaN: true }),
    amplitudeV: fc.double({ min: 0.2, max: 5, noNaN: true }),
  });
  fc.assert(
    fc.property(startV, node, fc.array(pulse, { maxLength: 60 }), (v, parameters, pulses) => {
      const gate = new FloatingGate(
        { ...parameters, nodeCapacitanceFF: 1000, couplingFF: 200 },
        v,
        undefined,
      );
      let timeS = 0;
      let nodeV = v;
      for (const { restS, widthS, amplitudeV } of pulses) {
        timeS += restS;
        gate.pulse(timeS, widthS, amplitudeV);
        timeS += widthS;
        nodeV = relaxV(nodeV, restS, parameters);
        nodeV -= tunnelingDropV(nodeV, 0.2 * amplitudeV, widthS, parameters);
      }
      expect(Math.abs(gate.voltageAt(timeS) - nodeV)).toBeLessThan(1e-9);
    }),
  );
});
