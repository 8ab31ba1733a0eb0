import { beforeAll, describe, expect, test } from 'vitest';
import { createMockBoard } from '../../mocks/index.ts';
import type { Measured } from '../../src/ledger/measured.ts';
import { MeasuredTotal } from '../../src/ledger/measured-total.ts';
import { type KnownUpdate, knownUpdates, type Quantity, quantities } from '../support/known-updates.ts';
import { boardOn, wireTo } from '../support/wire.ts';

const BOARDS = 1000;
const UPDATES = 100;

const sigmaOf = ({ noiseSigma, nodeSigma, commonSigma }: Measured) =>
  Math.hypot(noiseSigma, nodeSigma, commonSigma);

const moments = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
};

/** Whether the 95 % interval of the mean over a board's updates holds the true mean. */
function isCovered(updates: readonly KnownUpdate[], quantity: Quantity): boolean {
  const total = new MeasuredTotal();
  let truth = 0;
  for (const { node, estimate, truth: true_ } of updates) {
    total.add(node, estimate[quantity]);
    truth += true_[quantity];
  }
  const { mean, sigma } = total.statistic;
  return Math.abs((mean ?? 0) - truth / updates.length) < 1.96 * (sigma ?? 0);
}

// The truth is known of the mock only; each board is a chip of its own, fresh or calibrated.
describe.each([
  ['dam-a, not calibrated', { preset: 'dam-a', isCalibrated: false }],
  ['dam-a, calibrated', { preset: 'dam-a', isCalibrated: true }],
  ['dam-a-stress, calibrated', { preset: 'dam-a-stress', isCalibrated: true }],
])('of %s', (_, kind) => {
  let boards: KnownUpdate[][] = [];
  beforeAll(async () => {
    const { identity: board } = await boardOn(wireTo(createMockBoard({ preset: kind.preset })));
    boards = Array.from({ length: BOARDS }, (_, index) =>
      knownUpdates({ board, ...kind, seed: index + 1, updates: UPDATES }),
    );
  });

  test.each(quantities)('errors of %s over their sigmas are standard normal', (quantity) => {
    const pulls = boards.flatMap((updates) =>
      updates.map(
        ({ estimate, truth }) => (estimate[quantity].value - truth[quantity]) / sigmaOf(estimate[quantity]),
      ),
    );
    expect(pulls).toHaveLength(BOARDS * UPDATES);
    const { mean, deviation } = moments(pulls);
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(deviation).toBeGreaterThan(0.9);
    expect(deviation).toBeLessThan(1.1);
  });

  test.each(quantities)('the 95 %% interval of the mean %s of a board holds the true one', (quantity) => {
    const covered = boards.filter((updates) => isCovered(updates, quantity)).length / BOARDS;
    expect(covered).toBeGreaterThan(0.93);
    expect(covered).toBeLessThan(0.97);
  });
});
