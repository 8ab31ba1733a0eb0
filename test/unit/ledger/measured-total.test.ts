import { expect, test } from 'vitest';
import { MeasuredTotal } from '../../../src/ledger/measured-total.ts';

test('noise adds in squares, a part of a node along the node, the common part along all', () => {
  const total = new MeasuredTotal();
  for (const node of [0, 0, 1, 2])
    total.add(node, { value: 8, noiseSigma: 0.3, nodeSigma: 0.04, commonSigma: 0.1 });
  const sigma = Math.sqrt(4 * 0.3 ** 2 + (0.08 ** 2 + 0.04 ** 2 + 0.04 ** 2) + 0.4 ** 2) / 4;
  expect(total.statistic).toEqual({ mean: 8, sigma: expect.closeTo(sigma, 12), total: 32 });
});

test('of nothing there is no mean', () => {
  expect(new MeasuredTotal().statistic).toEqual({ mean: null, sigma: null, total: 0 });
});
