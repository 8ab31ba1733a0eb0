import { describe, expect, test } from 'vitest';
import type { Action } from '../../../calibration/design/measurement-plan.ts';
import { type DesignSettings, planMeasurement } from '../../../calibration/design/plan-measurement.ts';
import { fitNode } from '../../../calibration/fit/fit-node.ts';
import { nominal, READ_NOISE_V, type Stage, settings, synthetic } from './synthetic-node.ts';

const base: DesignSettings = {
  nodeV: 8.5,
  believed: settings,
  limits: {
    maxAmplitudeV: 5,
    minWidthS: 1e-3,
    maxWidthS: 0.2,
    maxBoardTimeS: 3600,
    minNodeV: 7,
    maxPulsesPerNode: 100,
  },
  target: { k2Rel: 1e-3, responseRel: 5e-3 },
  timing: { readS: 0.03, pulseOverheadS: 0.1 },
};
const within = (limits: Partial<DesignSettings['limits']>, target = base.target): DesignSettings => ({
  ...base,
  limits: { ...base.limits, ...limits },
  target,
});

/** The stages that one node goes through. */
const stagesOf = (actions: readonly Action[]): Stage[] => [
  { durationS: 0 },
  ...actions.flatMap((action): Stage[] => {
    const { readS, pulseOverheadS } = base.timing;
    if (action.kind === 'read') return Array.from({ length: action.repeats }, () => ({ durationS: readS }));
    if (action.kind === 'rest') return [{ durationS: action.durationS + readS }];
    const { amplitudeV, widthS } = action;
    return [
      { durationS: 0.001 },
      { durationS: widthS, amplitudeV },
      { durationS: 3 * widthS + pulseOverheadS + readS },
    ];
  }),
];

describe('a measurement plan', () => {
  test('reaches its target on fresh cells, with every amplitude and width among its pulses', () => {
    const plan = planMeasurement(base);
    expect(plan.stoppedBy).toBe('target');
    expect(plan.expected.k2V).toBeLessThanOrEqual(0.3);
    expect(plan.expected.responseRel).toBeLessThanOrEqual(5e-3);
    const actions = plan.actions.map(({ action }) => action);
    expect(actions[0]).toEqual({ kind: 'read', repeats: 8 });
    const pulses = actions.filter((action) => action.kind === 'pulse');
    expect(plan.pulsesPerNode).toBe(pulses.length);
    expect(new Set(pulses.map(({ amplitudeV }) => amplitudeV))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(new Set(pulses.map(({ widthS }) => widthS))).toEqual(new Set([0.01, 0.05, 0.2]));
    expect(actions.some((action) => action.kind === 'rest' && action.durationS >= 10)).toBe(true);
  });

  test('promises what a fit of such a measurement then reaches', () => {
    const plan = planMeasurement(base);
    const stages = stagesOf(plan.actions.map(({ action }) => action));
    const fit = fitNode(synthetic(nominal, stages, { seed: 1 }), settings, { readNoiseV: READ_NOISE_V });
    const sigma = (index: number) => Math.sqrt(fit?.covariance[index]?.[index] ?? 0);
    expect(sigma(1) / plan.expected.k2V).toBeGreaterThan(0.9);
    expect(sigma(1) / plan.expected.k2V).toBeLessThan(1.1);
    expect(sigma(2) / plan.expected.couplingRel).toBeGreaterThan(0.9);
    expect(sigma(2) / plan.expected.couplingRel).toBeLessThan(1.1);
  });

  test('knows more after each action, never less', () => {
    const { actions } = planMeasurement(base);
    for (let index = 1; index < actions.length; index += 1)
      expect(actions[index]?.expected.k2V).toBeLessThanOrEqual(
        (actions[index - 1]?.expected.k2V ?? 0) * (1 + 1e-9),
      );
  });

  test('tells more in the same time than the same pulse again and again', () => {
    const plan = planMeasurement(base);
    const stubborn: Action[] = Array.from({ length: plan.pulsesPerNode }, () => ({
      kind: 'pulse',
      amplitudeV: 3,
      widthS: 0.05,
    }));
    const rest: Action = { kind: 'rest', durationS: plan.boardTimeS / plan.pulsesPerNode };
    const stages = stagesOf(stubborn.flatMap((pulse) => [pulse, rest]));
    const fit = fitNode(synthetic(nominal, stages, { seed: 2 }), settings, { readNoiseV: READ_NOISE_V });
    expect(Math.sqrt(fit?.covariance[1]?.[1] ?? 0)).toBeGreaterThan(1.3 * plan.expected.k2V);
  });

  test.each([
    ['boardTimeS', within({ maxBoardTimeS: 100 })],
    ['nodeV', within({ minNodeV: 8.3 })],
  ] as const)('ends at the limit of %s', (limit, limited) => {
    const plan = planMeasurement(limited);
    expect(plan.stoppedBy).toBe(limit);
    expect(plan.boardTimeS).toBeLessThanOrEqual(limited.limits.maxBoardTimeS);
    expect(plan.actions.at(-1)?.nodeV).toBeGreaterThanOrEqual(limited.limits.minNodeV);
  });

  test('gives no node more pulses than it may have', () => {
    expect(planMeasurement(within({ maxPulsesPerNode: 20, maxBoardTimeS: 300 })).pulsesPerNode).toBe(20);
  });

  test('holds back what is too strong or too long', () => {
    const { actions } = planMeasurement(within({ maxAmplitudeV: 2, maxWidthS: 0.05 }));
    for (const { action } of actions) {
      if (action.kind !== 'pulse') continue;
      expect(action.amplitudeV).toBeLessThanOrEqual(2);
      expect(action.widthS).toBeLessThanOrEqual(0.05);
    }
  });
});
