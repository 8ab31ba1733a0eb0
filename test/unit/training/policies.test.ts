import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matched } from '../../../src/training/policies/matched.ts';
import { none } from '../../../src/training/policies/none.ts';
import type { Responses, WantedChange } from '../../../src/training/policy.ts';

const settings = {
  name: 'matched',
  amplitudeV: 0.2236,
  baseWidthUs: 200_000,
  maxWidthUs: 1_000_000,
} as const;
const RESPONSE = 292e-6;
// The fixed pulse of `matched` never asks what another would do.
const movesV = () => ({ SET: Number.NaN, RESET: Number.NaN });
const both = (value: number): Responses => ({ SET: value, RESET: value });
const want = (seconds: number, over: Partial<WantedChange> = {}): WantedChange => ({
  cell: 0,
  weightV: 0,
  wantedV: seconds * RESPONSE,
  driftV: 0,
  freshVPerS: both(RESPONSE),
  responseVPerS: both(RESPONSE),
  movesV,
  ...over,
});

describe('matched', () => {
  test('offers one wave for each multiple of the base width', () => {
    expect(matched(settings).waves.map(({ wave, widthUs }) => [wave, widthUs])).toEqual([
      [0, 200_000],
      [1, 400_000],
      [2, 600_000],
      [3, 800_000],
      [4, 1_000_000],
    ]);
  });

  test('raises with SET, lowers with RESET, by whole base widths', () => {
    const { updates } = matched(settings).propose([
      want(0.65),
      want(-0.21, { cell: 1 }),
      want(0.19, { cell: 2 }),
    ]);
    expect(updates).toEqual([
      { cell: 0, kind: 'SET', waves: [2] },
      { cell: 1, kind: 'RESET', waves: [0] },
    ]);
  });

  test('less than a pulse waits until it is one', () => {
    const policy = matched(settings);
    const counts = Array.from({ length: 10 }, () => policy.propose([want(0.07)]).updates.length);
    expect(counts).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1, 0]);
  });

  test('what was proposed and will not be waits for the next step, with what waited before', () => {
    const policy = matched(settings);
    const { updates } = policy.propose([want(0.27), want(-0.45, { cell: 1 }), want(0.1, { cell: 2 })]);
    expect(updates.map(({ cell }) => cell)).toEqual([0, 1]);
    policy.withdraw?.([1]);
    const { updates: next } = policy.propose([want(0), want(0, { cell: 1 }), want(0.11, { cell: 2 })]);
    expect(next).toEqual([
      { cell: 1, kind: 'RESET', waves: [1] },
      { cell: 2, kind: 'SET', waves: [0] },
    ]);
    expect(policy.state.map(([cell, leftV = 0]) => [cell, leftV / RESPONSE])).toEqual([
      [0, expect.closeTo(0.07, 9)],
      [1, expect.closeTo(-0.05, 9)],
      [2, expect.closeTo(0.01, 9)],
    ]);
  });

  test('more than the longest pulse is clipped, counted and forgotten', () => {
    const policy = matched(settings);
    expect(policy.propose([want(3)])).toEqual({
      updates: [{ cell: 0, kind: 'SET', waves: [4] }],
      clipped: 1,
    });
    expect(policy.propose([want(0)])).toEqual({ updates: [], clipped: 0 });
  });

  test('drift is countered at the present response, wishes are not: the hardening is the schedule', () => {
    const hardened = { responseVPerS: both(RESPONSE / 2) };
    expect(matched(settings).propose([want(0.3, hardened)]).updates).toEqual([
      { cell: 0, kind: 'SET', waves: [0] },
    ]);
    const drifting = want(0, { ...hardened, driftV: 0.31 * RESPONSE });
    expect(matched(settings).propose([drifting]).updates).toEqual([{ cell: 0, kind: 'RESET', waves: [2] }]);
  });

  test('a cell that answers SET otherwise than RESET moves as far either way', () => {
    const uneven = { SET: 2 * RESPONSE, RESET: RESPONSE };
    const policy = matched(settings);
    const wish = (seconds: number, cell: number) =>
      want(seconds, { cell, freshVPerS: uneven, responseVPerS: uneven });
    expect(policy.propose([wish(0.81, 0), wish(-0.81, 1)]).updates).toEqual([
      { cell: 0, kind: 'SET', waves: [1] },
      { cell: 1, kind: 'RESET', waves: [3] },
    ]);
  });

  test('unclipped, nothing is lost: pulses and residual add up to what was wanted', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -0.7, max: 0.7, noNaN: true }), { maxLength: 200 }), (wishes) => {
        const policy = matched(settings);
        let givenS = 0;
        for (const wish of wishes) {
          const { updates, clipped } = policy.propose([want(wish)]);
          expect(clipped).toBe(0);
          for (const { kind, waves } of updates)
            givenS += (kind === 'SET' ? 1 : -1) * ((waves[0] ?? 0) + 1) * 0.2;
        }
        expect(Math.abs(wishes.reduce((a, b) => a + b, 0) - givenS)).toBeLessThan(0.2 + 1e-9);
      }),
    );
  });
});

test('none proposes nothing', () => {
  expect(none.propose([want(1)])).toEqual({ updates: [], clipped: 0 });
});
