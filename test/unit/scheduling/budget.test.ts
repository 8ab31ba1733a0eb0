import { describe, expect, test } from 'vitest';
import type { BudgetSettings } from '../../../src/config/experiment.ts';
import { Budget, excesses } from '../../../src/scheduling/budget.ts';
import { NodeUsage } from '../../../src/scheduling/node-usage.ts';
import { planBatches } from '../../../src/scheduling/plan.ts';

const waves = [
  { wave: 0, amplitudeV: 2, widthUs: 100_000 },
  { wave: 1, amplitudeV: 2, widthUs: 300_000 },
];

function budgetOf(limits: BudgetSettings, past = new NodeUsage()): Budget {
  return new Budget({
    boardId: 'b0',
    limits,
    past,
    waveOf: (wave) => waves[wave] ?? { wave, amplitudeV: 0, widthUs: 0 },
    predictedChargeFC: ({ wave }) => 0.5 + wave,
  });
}

/** One update of that many pulses on a node, planned. */
const plan = (cell: number, kind: 'SET' | 'RESET', pulses: number, wave = 0) =>
  planBatches([{ update: 1, cell, kind, waves: Array.from({ length: pulses }, () => wave) }], {
    firstBatch: 1,
    firstIntent: 1,
    gapUs: 0,
    maxPulses: 2,
  });

const refusal = (...problems: string[]) =>
  expect.objectContaining({
    code: 'limit-exceeded',
    problems: problems.map((text) => expect.stringContaining(text)),
  });

const ran = (batches: ReturnType<typeof plan>, slotsDone?: number) =>
  batches.map((batch) => ({
    batch,
    bootNonce: 1,
    verdict: { kind: 'inferred' as const, slotsDone: slotsDone ?? batch.slots.length, confidence: 1 },
  }));

describe('a budget', () => {
  test('allows exactly as much as it says, and counts a plan over all its batches', () => {
    const budget = budgetOf({ pulsesPerNode: 5 });
    expect(plan(3, 'SET', 5)).toHaveLength(3);
    budget.assertAllows(plan(3, 'SET', 5));
    expect(() => budget.assertAllows(plan(3, 'SET', 6))).toThrow(
      refusal('node S of cell 3 has had 0 pulses, the plan adds 6: more than the 5 of budget.pulsesPerNode'),
    );
  });

  test('goes on from the past and from what ran, not from what was only planned or cut', () => {
    const past = new NodeUsage();
    past.add(7, { pulses: 2, voltSeconds: 0.4, chargeFC: 1 });
    const budget = budgetOf({ pulsesPerNode: 5 }, past);
    budget.assertAllows(plan(3, 'RESET', 3));
    budget.spend(ran(plan(3, 'RESET', 2), 1));
    budget.assertAllows(plan(3, 'RESET', 2));
    expect(() => budget.assertAllows(plan(3, 'RESET', 3))).toThrow(
      refusal('node R of cell 3 has had 3 pulses, the plan adds 3'),
    );
    budget.assertAllows(plan(3, 'SET', 5));
    expect(past.of(7).pulses).toBe(2);
  });

  test('limits volt-seconds, and forgives the rounding of their sum', () => {
    const budget = budgetOf({ voltSecondsPerNode: 0.6 });
    for (const _ of [1, 2, 3]) {
      budget.assertAllows(plan(0, 'SET', 1));
      budget.spend(ran(plan(0, 'SET', 1)));
    }
    expect(() => budget.assertAllows(plan(0, 'SET', 1))).toThrow(
      refusal('has had 0.6 V s, the plan adds 0.2: more than the 0.6 of budget.voltSecondsPerNode'),
    );
  });

  test('limits the charge that pulses are predicted to tunnel', () => {
    const budget = budgetOf({ chargeFCPerNode: 2 });
    budget.assertAllows(plan(0, 'SET', 1, 1));
    expect(() => budget.assertAllows(plan(0, 'SET', 2, 1))).toThrow(
      refusal('has had 0 fC, the plan adds 3: more than the 2 of budget.chargeFCPerNode'),
    );
  });

  test('names every limit that a plan breaks, worst first, and at most ten nodes', () => {
    const added = new NodeUsage();
    for (let node = 0; node < 30; node += 1)
      added.add(node, { pulses: 2 + node, voltSeconds: 0, chargeFC: 0 });
    const problems = excesses({ pulsesPerNode: 1 }, new NodeUsage(), added);
    expect(problems).toHaveLength(11);
    expect(problems[0]).toContain('node R of cell 14 has had 0 pulses, the plan adds 31');
    expect(problems.at(-1)).toBe('and 20 more');
    expect(() =>
      budgetOf({ pulsesPerNode: 1, voltSecondsPerNode: 0.3 }).assertAllows(plan(0, 'SET', 2)),
    ).toThrow(refusal('budget.pulsesPerNode', 'budget.voltSecondsPerNode'));
  });
});
