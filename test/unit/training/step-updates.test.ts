import { expect, test } from 'vitest';
import type { ArrayReading } from '../../../src/board/types.ts';
import type { ExecutedUpdate } from '../../../src/scheduling/runner.ts';
import { StepUpdates, UpdateNumbers } from '../../../src/training/step-updates.ts';

const proposed = (cell: number, kind: 'SET' | 'RESET') => ({ cell, kind, waves: [0] });

test('in one step a node has one number, whichever round; in the next it has another', () => {
  const numbers = new UpdateNumbers();
  const of = (...updates: ReturnType<typeof proposed>[]) =>
    numbers.number(updates).map(({ update }) => update);
  numbers.beginStep();
  expect(of(proposed(3, 'SET'), proposed(4, 'RESET'))).toEqual([1, 2]);
  expect(of(proposed(4, 'SET'), proposed(3, 'SET'))).toEqual([3, 1]);
  expect(of(proposed(4, 'RESET'))).toEqual([2]);
  numbers.beginStep();
  expect(of(proposed(3, 'SET'))).toEqual([4]);
});

test('rounds of one node are one update, between its own first and last reading; the other kind corrects', () => {
  const reading = (setCode: number): ArrayReading => ({
    bootNonce: 1,
    boardTimeUs: setCode,
    temperatureK: undefined,
    cells: [0, 1].map((cell) => ({ cell, setCode, resetCode: 0, convertedUs: setCode })),
  });
  const executed = (update: number, cell: number, kind: 'SET' | 'RESET', intent: number): ExecutedUpdate => ({
    update,
    cell,
    kind,
    waves: [0],
    pulses: [{ intent, slot: 0, wave: 0, idleUs: 0, codes: null }],
  });
  const done = new StepUpdates();
  done.add([executed(1, 0, 'SET', 1), executed(2, 1, 'RESET', 1)], reading(100), reading(90));
  done.add([executed(1, 0, 'SET', 2), executed(3, 1, 'SET', 2)], reading(90), reading(80));
  done.add([executed(2, 1, 'RESET', 3)], reading(80), reading(70));
  const summary = done.all.map(({ executed: { update, pulses }, isCorrection, before, after }) => [
    update,
    pulses.map(({ intent }) => intent),
    isCorrection,
    before?.setCode,
    after?.setCode,
  ]);
  expect(summary).toEqual([
    [1, [1, 2], false, 100, 80],
    [2, [1, 3], false, 100, 70],
    [3, [2], true, 90, 80],
  ]);
});
