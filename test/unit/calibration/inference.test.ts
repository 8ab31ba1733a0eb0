import { describe, expect, test } from 'vitest';
import { inferSlotsDone } from '../../../calibration/inference/slots-done.ts';
import { type Interruption, interrupt, score } from './inference-simulation.ts';

const strong = { amplitudeV: 4, widthUs: 50_000 };
const brief = { amplitudeV: 1, widthUs: 10_000 };
const faint = { amplitudeV: 0.2236, widthUs: 200_000 };
const usual = { cells: 64, slots: 30, pulsesPerSlot: [16, 64] } as const;

describe('it is wrong in fewer than 1 of 200 boards when it says that it is sure', () => {
  test.each<[string, Interruption, leastSure: number]>([
    ['4 V 50 ms, 60 s', { ...usual, ...strong, maxWaitS: 60 }, 0.99],
    ['4 V 50 ms, one pulse a slot, 10 s', { ...usual, ...strong, pulsesPerSlot: [1, 1], maxWaitS: 10 }, 0.97],
    ['1 V 10 ms, at once', { ...usual, ...brief, maxWaitS: 0.1 }, 0.8],
    ['1 V 10 ms, 1 s', { ...usual, ...brief, maxWaitS: 1 }, 0.3],
    ['1 V 10 ms, 60 s', { ...usual, ...brief, maxWaitS: 60 }, 0],
    ['0.2236 V 200 ms, at once', { ...usual, ...faint, maxWaitS: 0.1 }, 0.4],
    ['0.2236 V 200 ms, 60 s', { ...usual, ...faint, maxWaitS: 60 }, 0],
  ])('%s', (_, scenario, leastSure) => {
    const { sure, sureAndWrong, hit, confidence, chi2PerDof } = score(scenario, 400);
    expect(sureAndWrong).toBeLessThan(0.005);
    expect(sure).toBeGreaterThanOrEqual(leastSure);
    expect(Math.abs(hit - confidence)).toBeLessThan(0.08);
    expect(Math.abs(chi2PerDof - 1)).toBeLessThan(0.06);
  });
});

describe('where the data cannot tell, confidence is how often it is right', () => {
  test.each<[string, Interruption]>([
    ['1 V 10 ms, 1 s', { ...usual, ...brief, pulsesPerSlot: [1, 1], maxWaitS: 1 }],
    ['1 V 10 ms, 60 s', { ...usual, ...brief, pulsesPerSlot: [1, 1], maxWaitS: 60 }],
    ['0.2236 V 200 ms, 1 s', { ...usual, ...faint, pulsesPerSlot: [1, 1], maxWaitS: 1 }],
    ['4 V 50 ms, 60 s', { ...usual, ...strong, pulsesPerSlot: [1, 1], maxWaitS: 60 }],
  ])('one pulse a slot, %s', (_, scenario) => {
    const trials = 800;
    const { hit, confidence, sureAndWrong } = score(scenario, trials);
    expect(Math.abs(hit - confidence)).toBeLessThan(
      3.5 * Math.sqrt((confidence * (1 - confidence)) / trials),
    );
    expect(sureAndWrong).toBeLessThan(0.005);
  });
});

describe('the ends of the sequence', () => {
  test.each([0, 1, 29, 30])('%i of 30 slots', (happened) => {
    const { hit, sure } = score({ ...usual, ...strong, maxWaitS: 60, happened }, 30);
    expect([hit, sure]).toEqual([1, 1]);
  });

  test('no slot at all is certain', () => {
    const { evidence } = interrupt({ ...usual, ...brief, slots: 0, maxWaitS: 60 }, 1);
    expect(inferSlotsDone(evidence)).toMatchObject({ slotsDone: 0, confidence: 1, runnerUp: undefined });
  });

  test('slots without pulses cannot be told apart', () => {
    const { evidence } = interrupt({ ...usual, ...brief, slots: 3, pulsesPerSlot: [0, 0], maxWaitS: 60 }, 1);
    expect(inferSlotsDone(evidence).posterior).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test('an array of which nothing was read says nothing', () => {
    const { evidence } = interrupt({ ...usual, ...strong, slots: 3, maxWaitS: 60 }, 1);
    expect(inferSlotsDone({ ...evidence, nodes: [] }).posterior).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});

describe('what else the array tells', () => {
  test('how long it decayed, within its sigma', () => {
    for (const maxWaitS of [1, 60, 3600]) {
      const { elapsedZ2 } = score({ ...usual, ...brief, maxWaitS }, 300);
      expect(Math.sqrt(elapsedZ2)).toBeGreaterThan(0.8);
      expect(Math.sqrt(elapsedZ2)).toBeLessThan(1.2);
    }
  });

  test('a prior of the elapsed time is used', () => {
    const { evidence, elapsedS } = interrupt({ ...usual, ...brief, maxWaitS: 60 }, 1);
    const shared = { ...evidence.shared, elapsed: { priorS: elapsedS, sigmaS: 1e-3 } };
    expect(inferSlotsDone({ ...evidence, shared }).elapsedS).toBeCloseTo(elapsedS, 2);
  });

  test('half of the nodes are enough for strong pulses', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { evidence, happened } = interrupt({ ...usual, ...strong, maxWaitS: 60 }, seed);
      const nodes = evidence.nodes.filter(({ node }) => node % 2 === 0);
      expect(inferSlotsDone({ ...evidence, nodes }).slotsDone).toBe(happened);
    }
  });

  test('nodes that differ more than was said show as chi square, and confidence gives way', () => {
    const { evidence } = interrupt({ ...usual, ...brief, maxWaitS: 60 }, 2);
    const nodes = evidence.nodes.map((node) => ({ ...node, rateRel: 1e-4, boostRel: 1e-4 }));
    const inferred = inferSlotsDone({ ...evidence, nodes });
    expect(inferred.chi2PerDof).toBeGreaterThan(3);
    expect(inferred.confidence).toBeLessThan(0.999);
  });
});

test('4,000 pulses in 500 slots on 2,048 nodes take less than 200 ms', () => {
  const scenario = { ...brief, cells: 1024, slots: 500, pulsesPerSlot: [8, 8], maxWaitS: 10 } as const;
  const { evidence } = interrupt(scenario, 1);
  inferSlotsDone(evidence);
  const startMs = performance.now();
  inferSlotsDone(evidence);
  expect(performance.now() - startMs).toBeLessThan(200);
});

test('a node without a voltage or a sigma is refused by its number', () => {
  const { evidence } = interrupt({ ...usual, ...brief, maxWaitS: 1 }, 1);
  const broken = (change: object) =>
    inferSlotsDone({
      ...evidence,
      nodes: evidence.nodes.map((node) => (node.node === 7 ? { ...node, ...change } : node)),
    });
  expect(() => broken({ afterV: Number.NaN })).toThrow(/node 7: expected a voltage above 0 V, found NaN/);
  expect(() => broken({ afterSigmaV: 0 })).toThrow(/node 7: expected a sigma/);
  const elapsed = { priorS: 1, sigmaS: 0 };
  expect(() => inferSlotsDone({ ...evidence, shared: { ...evidence.shared, elapsed } })).toThrow(/elapsed/);
});
