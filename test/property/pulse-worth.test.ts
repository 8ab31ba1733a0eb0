import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pulseWorth } from '../../calibration/inference/pulse-worth.ts';
import { relaxV, tunnelingDropV } from '../../calibration/physics/tunneling.ts';

const node = { k1PerS: 1.2e13, k2V: 300 };
const nodeV = fc.double({ min: 7, max: 9, noNaN: true });
const boostV = fc.double({ min: 0.04, max: 1, noNaN: true });
const widthS = fc.double({ min: 1e-3, max: 1, noNaN: true });
const waitS = fc.double({ min: 0, max: 600, noNaN: true });

test('a pulse is worth so much more free decay, before and after any wait', () => {
  fc.assert(
    fc.property(nodeV, boostV, widthS, waitS, waitS, (v, b, s, firstS, thenS) => {
      const pulsedV = relaxV(v, firstS, node);
      const trueV = relaxV(pulsedV - tunnelingDropV(pulsedV, b, s, node), thenS, node);
      const { worthS } = pulseWorth(pulsedV, b, s, node);
      expect(relaxV(v, firstS + s + worthS + thenS, node)).toBeCloseTo(trueV, 11);
    }),
  );
});

test('what it is worth changes with the boost as it says', () => {
  fc.assert(
    fc.property(nodeV, boostV, widthS, (v, b, s) => {
      const { worthS, perBoostRelS } = pulseWorth(v, b, s, node);
      const slopeS = (pulseWorth(v, b * (1 + 1e-5), s, node).worthS - worthS) / 1e-5;
      expect(Math.abs(perBoostRelS / slopeS - 1)).toBeLessThan(1e-3);
    }),
  );
});
