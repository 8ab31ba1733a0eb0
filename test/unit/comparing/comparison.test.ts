import { describe, expect, test } from 'vitest';
import type { ComparedRun } from '../../../src/comparing/compared-run.ts';
import { comparePolicies } from '../../../src/comparing/comparison.ts';
import { versusSentences } from '../../../src/report/policies/verdict.ts';

const PULSE = { amplitudeV: 0.2, widthUs: 200_000 };

interface Made {
  readonly policy: string;
  readonly seed: number;
  /** By step: accuracy, and energy of all cells until then. */
  readonly course: readonly (readonly [accuracy: number, energyFJ: number])[];
  readonly pulse?: ComparedRun['pulse'];
}

function made({ policy, seed, course, pulse }: Made): ComparedRun {
  const points = course.map(([accuracy, energyFJ], step) => ({
    step,
    accuracy,
    energyFJ,
    updates: 10 * (step + 1),
    boardTimeS: step,
  }));
  const last = points.at(-1);
  const total = last?.energyFJ ?? 0;
  const updates = last?.updates ?? 0;
  return {
    runId: `${policy}-${seed}`,
    policy,
    seed,
    pulse: pulse ?? PULSE,
    isOwnPulse: pulse === undefined,
    source: 'mock',
    accuracy: last?.accuracy ?? 0,
    updates,
    pulses: updates,
    cells: { mean: total / updates, sigma: (0.02 * total) / updates, total },
    boundsZJ: { landauer: 100, static: 200, 'finite-rate': 50, matched: 10, recycled: 20, precision: 0 },
    partsFJ: { bound: 1, excessTilt: 2, core: 3, drift: 4, drive: 5, verify: 6 },
    readsFJ: 1e6,
    boardFJ: 1e9,
    boardTimeS: 2,
    course: points,
  };
}

/** `dear` takes `times` the energy of `cheap` for the same, but for some percent from seed to seed. */
const runs = (times: number): ComparedRun[] =>
  [1, 2, 3, 4].flatMap((seed) => [
    made({
      policy: 'cheap',
      seed,
      course: [
        [0.5, 10],
        [0.9, 20],
        [0.95, 30],
      ],
    }),
    made({
      policy: 'dear',
      seed,
      course: [
        [0.5, 10 * times * (1 + seed / 100)],
        [0.9, 20 * times * (1 + seed / 100)],
        [0.92, 30 * times * (1 + seed / 100)],
      ],
    }),
  ]);

describe('a comparison of policies', () => {
  const compared = comparePolicies(runs(2));

  test('has as its target what all of them reached, and what it took until then', () => {
    expect(compared.targets.map(({ accuracy }) => accuracy)).toEqual([0.92, 0.92, 0.92, 0.92]);
    const [cheap, dear] = compared.policies;
    expect(cheap).toMatchObject({ policy: 'cheap', runs: ['cheap-1', 'cheap-2', 'cheap-3', 'cheap-4'] });
    expect(cheap?.toTarget?.energyFJ.mean).toBeCloseTo(30, 9);
    expect(dear?.toTarget?.updates.mean).toBeCloseTo(30, 9);
  });

  test('has the energy over each bound, the measurement in its interval, and none where the bound is zero', () => {
    const [cheap] = compared.policies;
    expect(cheap?.ratios.matched?.mean).toBeCloseTo(3e6, 3);
    expect(cheap?.ratios.matched?.high).toBeCloseTo(3e6 * Math.exp(1.959964 * 0.02), 3);
    expect(cheap?.ratios.precision).toBeNull();
  });

  test('tells policies apart seed by seed', () => {
    const [versus] = compared.versus;
    expect(versus).toMatchObject({
      policy: 'dear',
      reference: 'cheap',
      wholeVerdict: 'more',
      toTargetVerdict: 'more',
    });
    expect(versus?.whole.mean).toBeGreaterThan(2);
    expect(versusSentences(compared).join(' ')).toContain('dear takes 2.05 (2.');
  });

  test('says plainly where the first one does not do with less, and why', () => {
    const sentences = versusSentences(comparePolicies(runs(0.5))).join(' ');
    expect(sentences).toContain(
      'So cheap does not reach it with less energy: until then cheap 30 updates of 1.00 fJ',
    );
    const same = comparePolicies([
      ...runs(1).slice(0, 2),
      ...runs(0.9).slice(2, 4),
      ...runs(1.1).slice(4, 6),
    ]);
    expect(same.versus[0]?.toTargetVerdict).toBe('not told apart');
    expect(versusSentences(same).join(' ')).toContain('is not shown');
  });

  test('keeps other pulse widths apart from the own one', () => {
    const short = made({
      policy: 'cheap',
      seed: 1,
      course: [[0.9, 100]],
      pulse: { amplitudeV: 0.7, widthUs: 50_000 },
    });
    const { policies, variants } = comparePolicies([...runs(2), short]);
    expect(policies).toHaveLength(2);
    expect(variants).toEqual([
      expect.objectContaining({ policy: 'cheap', isOwnPulse: false, runs: ['cheap-1'] }),
    ]);
    // It never had the target.
    expect(variants[0]?.toTarget).toBeNull();
  });
});
