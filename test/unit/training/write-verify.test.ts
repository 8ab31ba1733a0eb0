import { describe, expect, test } from 'vitest';
import { createMockBoard } from '../../../mocks/index.ts';
import type { WriteVerifySettings } from '../../../src/config/policy.ts';
import { writeVerify } from '../../../src/training/policies/write-verify.ts';
import type { Policy, Proposal, Responses, WantedChange } from '../../../src/training/policy.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const { identity: board } = await boardOn(wireTo(createMockBoard({ preset: 'dam-a', cells: 4 })));
const place = { board, weightSigmaV: 11e-6 };
const settings = {
  name: 'write-verify',
  amplitudeV: 0.2236,
  widthUs: 200_000,
  toleranceV: 30e-6,
  maxRounds: 5,
} as const satisfies WriteVerifySettings;

const PULSE_V = 58e-6;
const both = (value: number): Responses => ({ SET: value, RESET: value });
const want = (pulses: number, over: Partial<WantedChange> = {}): WantedChange => ({
  cell: 0,
  weightV: 0,
  wantedV: pulses * PULSE_V,
  driftV: 0,
  freshVPerS: both(PULSE_V / 0.2),
  responseVPerS: both(PULSE_V / 0.2),
  movesV: () => both(Number.NaN),
  ...over,
});

/** Cells that really move by `moveV` a pulse, through all rounds of a step; returns the kinds of each round. */
function step(policy: Policy, wanted: readonly WantedChange[], moveV: (cell: number) => number) {
  const weights = new Map(wanted.map(({ cell, weightV }) => [cell, weightV]));
  const rounds: string[][] = [];
  let proposal: Proposal = policy.propose(wanted);
  let { clipped } = proposal;
  while (proposal.updates.length > 0) {
    rounds.push(proposal.updates.map(({ cell, kind }) => `${kind} ${cell}`));
    for (const { cell, kind } of proposal.updates)
      weights.set(cell, (weights.get(cell) ?? 0) + (kind === 'SET' ? 1 : -1) * moveV(cell));
    const held = [...weights].map(([cell, weightV]) => ({ cell, weightV }));
    proposal = policy.correct?.(held) ?? { updates: [], clipped: 0 };
    clipped += proposal.clipped;
  }
  return { rounds, clipped, weightV: (cell: number) => weights.get(cell) ?? Number.NaN };
}

describe('write-verify', () => {
  test('pulses of one shape, and a longer one of the same amplitude to find the sign with', () => {
    const { waves, signWave } = writeVerify(settings, place);
    expect(waves).toEqual([
      { wave: 0, amplitudeV: 0.2236, widthUs: 200_000 },
      { wave: 1, amplitudeV: 0.2236, widthUs: 1_000_000 },
    ]);
    expect(signWave).toBe(1);
    const longest = writeVerify({ ...settings, widthUs: 1_000_000 }, place);
    expect(longest.waves).toHaveLength(1);
    expect(longest.signWave).toBe(0);
  });

  test('a pulse a round to each cell that is off, until all are within tolerance', () => {
    const wanted = [want(2.7), want(-1.2, { cell: 1 }), want(0.5, { cell: 2 }), want(0.6, { cell: 3 })];
    const { rounds, clipped, weightV } = step(writeVerify(settings, place), wanted, () => PULSE_V);
    expect(rounds).toEqual([['SET 0', 'RESET 1', 'SET 3'], ['SET 0'], ['SET 0']]);
    expect(clipped).toBe(0);
    for (const { cell, wantedV } of wanted)
      expect(Math.abs(weightV(cell) - wantedV)).toBeLessThanOrEqual(settings.toleranceV);
  });

  test('a cell that answers otherwise than the model says is found all the same', () => {
    const { rounds, weightV } = step(writeVerify(settings, place), [want(3)], () => 0.7 * PULSE_V);
    expect(rounds).toHaveLength(4);
    expect(Math.abs(weightV(0) - 3 * PULSE_V)).toBeLessThanOrEqual(settings.toleranceV);
  });

  test('what went too far comes back by pulses of the other kind', () => {
    const { rounds, clipped } = step(writeVerify(settings, place), [want(0.8)], () => 1.5 * PULSE_V);
    expect(rounds[0]).toEqual(['SET 0']);
    expect(rounds[1]).toEqual(['RESET 0']);
    // A pulse of 87 uV cannot stop within 30 uV of everything.
    expect(rounds).toHaveLength(5);
    expect(clipped).toBe(1);
  });

  test('what is within tolerance waits, drift included, and nothing of it is lost', () => {
    const policy = writeVerify(settings, place);
    const drifting = 0.2 * PULSE_V;
    const counts: number[] = [];
    let weightV = 0;
    for (let index = 0; index < 12; index += 1) {
      const found = step(policy, [want(0.2, { weightV })], () => PULSE_V);
      counts.push(found.rounds.length);
      weightV = found.weightV(0) - drifting;
    }
    // A fifth of a pulse is wanted and another lost in each step; half of one is tolerated.
    expect(counts).toEqual([0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1]);
    expect(Math.abs(weightV + drifting - 12 * 0.2 * PULSE_V)).toBeLessThanOrEqual(settings.toleranceV);
  });

  test('beyond the last round the excess is clipped, counted and forgotten', () => {
    const policy = writeVerify(settings, place);
    const { rounds, clipped, weightV } = step(policy, [want(7)], () => PULSE_V);
    expect(rounds).toHaveLength(5);
    expect(clipped).toBe(1);
    expect(step(policy, [want(0, { weightV: weightV(0) })], () => PULSE_V)).toMatchObject({
      rounds: [],
      clipped: 0,
    });
  });

  test('wishes shrink as the response does, as those of matched', () => {
    const hardened = { responseVPerS: both(PULSE_V / 0.2 / 4) };
    const { rounds } = step(writeVerify(settings, place), [want(4, hardened)], () => PULSE_V / 4);
    // A pulse's worth is wanted, of which half is tolerated.
    expect(rounds).toHaveLength(2);
  });

  test('the tolerance is by default the nearest that pulse and reading allow', () => {
    const { toleranceV: _, ...rest } = settings;
    const pulses = (wish: number) =>
      step(writeVerify(rest, place), [want(wish)], () => PULSE_V).rounds.length;
    // Half a pulse, 29 uV, and a sigma of 11 uV are 40 uV, or 0.69 of a pulse.
    expect(pulses(0.68)).toBe(0);
    expect(pulses(0.7)).toBe(1);
  });

  test('goes on from its state, and its goals follow weights that moved while nobody watched', () => {
    const first = writeVerify(settings, place);
    // Half a pulse more than the tolerance allows to wait.
    first.propose([want(0.4)]);
    const second = writeVerify(settings, { ...place, state: first.state });
    expect(second.propose([want(0.3)]).updates).toEqual([{ cell: 0, kind: 'SET', waves: [0] }]);
    const third = writeVerify(settings, { ...place, state: first.state });
    third.follow?.([
      { cell: 0, byV: 1e-3 },
      { cell: 7, byV: 1e-3 },
    ]);
    expect(third.propose([want(0, { weightV: 1e-3 })]).updates).toEqual([]);
    expect(third.state).toEqual([[0, expect.closeTo(1e-3 + 0.4 * PULSE_V, 12), settings.toleranceV]]);
  });
});
