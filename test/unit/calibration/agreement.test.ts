import { expect, test } from 'vitest';
import { agreementOf } from '../../../calibration/inference/agreement.ts';
import type { ObservedNode } from '../../../calibration/inference/observed-node.ts';
import { relaxV, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { normalStream } from '../../../mocks/random.ts';

const nominal = { k1PerS: 1.2e13, k2V: 300 };
const NODES = 62;
const READ_V = 8e-6;
const RATE_REL = 0.012;
const shared = { rateRel: 0.028, boostRel: 0.03, nodeCapacitanceFF: 1000 };
const normal = normalStream(7, 'chip');

/** An array of nodes with rates of their own that was left alone for so long, each fallen by `extraV` besides. */
function leftFor(
  elapsedS: number,
  { commonRel = 0, extraV = (_: number): number => 0 } = {},
): ObservedNode[] {
  return Array.from({ length: NODES }, (_, node) => {
    const beforeV = 8.5 + 1e-3 * normal();
    const own = { ...nominal, k1PerS: nominal.k1PerS * (1 + commonRel) * (1 + RATE_REL * normal()) };
    const afterV = relaxV(beforeV, elapsedS, own);
    const shotV = Math.sqrt((1.602e-4 / shared.nodeCapacitanceFF) * (beforeV - afterV)) * normal();
    return {
      node,
      beforeV: beforeV + READ_V * normal(),
      beforeSigmaV: READ_V,
      beforeAtS: 0,
      afterV: afterV + shotV + READ_V * normal() - extraV(node),
      afterSigmaV: READ_V,
      afterAtS: 0,
      tunneling: nominal,
      rateRel: RATE_REL,
      boostRel: 0.005,
    };
  });
}

const worst = (nodes: readonly { readonly deviation: number }[]) =>
  Math.max(...nodes.map(({ deviation }) => Math.abs(deviation)));

test.each([
  0.05, 1, 60, 3600, 86_400,
])('an array that was left alone for %d s is where it should be, whether its clock went on or not', (elapsedS) => {
  for (const commonRel of [-0.06, 0, 0.06]) {
    const nodes = leftFor(elapsedS, { commonRel });
    for (const known of [elapsedS, undefined]) {
      const found = agreementOf({ nodes, pulses: [], elapsedS: known, ...shared });
      expect(worst(found.nodes)).toBeLessThan(5);
      const meanSquare =
        found.nodes.reduce((sum, { deviation }) => sum + deviation ** 2, 0) / found.nodes.length;
      expect(meanSquare).toBeGreaterThan(0.5);
      expect(meanSquare).toBeLessThan(2);
      if (elapsedS >= 60)
        expect(found.decayedS).toBeCloseTo(elapsedS * (1 + commonRel), -Math.log10(elapsedS / 40));
    }
  }
});

test('nodes that were changed are told from the others, as long as they are the fewer', () => {
  for (const changed of [1, 10, 25]) {
    const nodes = leftFor(60, { extraV: (node) => (node < changed ? 0.02 : 0) });
    for (const elapsedS of [60, undefined]) {
      const found = agreementOf({ nodes, pulses: [], elapsedS, ...shared });
      const off = found.nodes.filter(({ deviation }) => Math.abs(deviation) > 5).map(({ node }) => node);
      expect(off).toEqual(Array.from({ length: changed }, (_, node) => node));
    }
  }
});

test('an array that was changed as a whole does not pass for one that is a little faster', () => {
  const nodes = leftFor(60, { extraV: () => 0.05 });
  const found = agreementOf({ nodes, pulses: [], elapsedS: 60, ...shared });
  expect(found.nodes.filter(({ deviation }) => Math.abs(deviation) > 5).length).toBe(NODES);
  // Without a clock it may as well have been left alone for longer.
  expect(worst(agreementOf({ nodes, pulses: [], elapsedS: undefined, ...shared }).nodes)).toBeLessThan(20);
});

test('pulses after the last knowledge belong to what is expected', () => {
  const boostV = 0.8;
  const pulsedV = tunnelingDropV(8.5, boostV, 0.05, nominal) - tunnelingDropV(8.5, 0, 0.05, nominal);
  const nodes = leftFor(1, { extraV: (node) => (node % 3 === 0 ? pulsedV : 0) });
  const pulses = nodes
    .filter(({ node }) => node % 3 === 0)
    .map(({ node }) => ({ node, boostV, widthS: 0.05 }));
  expect(worst(agreementOf({ nodes, pulses, elapsedS: 1, ...shared }).nodes)).toBeLessThan(5);
  expect(worst(agreementOf({ nodes, pulses: [], elapsedS: 1, ...shared }).nodes)).toBeGreaterThan(20);
});

test('nothing known is no disagreement; a voltage that is none is refused', () => {
  expect(agreementOf({ nodes: [], pulses: [], elapsedS: 1, ...shared })).toEqual({
    nodes: [],
    decayedS: undefined,
  });
  const [node] = leftFor(1);
  if (node === undefined) throw new Error('no node');
  expect(() =>
    agreementOf({ nodes: [{ ...node, afterV: Number.NaN }], pulses: [], elapsedS: 1, ...shared }),
  ).toThrow(RangeError);
});
