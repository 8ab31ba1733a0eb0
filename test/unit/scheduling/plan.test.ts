import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PlannedUpdate, planBatches } from '../../../src/scheduling/plan.ts';

const options = { firstBatch: 5, firstIntent: 1, gapUs: 0, maxPulses: 10 };
const update = (number: number, waves: number[]): PlannedUpdate => ({
  update: number,
  cell: number,
  kind: 'SET',
  waves,
});

test('single pulses of a step run in parallel, in one slot', () => {
  const [batch, ...rest] = planBatches([update(0, [1]), update(1, [2])], options);
  expect(rest).toEqual([]);
  expect(batch?.batch).toBe(5);
  expect(batch?.slots).toEqual([
    [
      { cell: 0, kind: 'SET', wave: 1 },
      { cell: 1, kind: 'SET', wave: 2 },
    ],
  ]);
});

test('the second pulse of an update waits for the next slot', () => {
  const [batch] = planBatches([update(0, [1, 1]), update(1, [2])], options);
  expect(batch?.slots.map((slot) => slot.map(({ cell }) => cell))).toEqual([[0, 1], [0]]);
});

test('nothing planned is nothing sent', () => {
  expect(planBatches([], options)).toEqual([]);
  expect(planBatches([update(0, [])], options)).toEqual([]);
});

test('no pulse is lost, repeated or reordered, and no batch is too large', () => {
  const planned = fc
    .array(fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 5 }), { maxLength: 60 })
    .map((waves) => waves.map((list, index) => update(index, list)));
  fc.assert(
    fc.property(planned, fc.integer({ min: 1, max: 25 }), (updates, maxPulses) => {
      const batches = planBatches(updates, { ...options, maxPulses });
      batches.forEach(({ batch, slots, pulses }, index) => {
        expect(batch).toBe(options.firstBatch + index);
        expect(slots.flat()).toEqual(pulses.map(({ cell, kind, wave }) => ({ cell, kind, wave })));
        expect(pulses.length).toBeLessThanOrEqual(maxPulses);
        for (const slot of slots) {
          expect(slot.length).toBeGreaterThan(0);
          expect(new Set(slot.map(({ cell }) => cell)).size).toBe(slot.length);
        }
      });
      const sent = batches.flatMap(({ pulses }) => pulses);
      for (const { update: number, waves } of updates) {
        expect(sent.filter((pulse) => pulse.update === number).map(({ wave }) => wave)).toEqual(waves);
      }
    }),
  );
});
