import { expect, test, vi } from 'vitest';
import { createMockBoard } from '../../../mocks/index.ts';
import { Board } from '../../../src/board/board.ts';
import { type Journal, Runner } from '../../../src/scheduling/runner.ts';
import { type Tampering, wireTo } from '../../support/wire.ts';

async function bench(tampering: Tampering = {}) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 1024 });
  const wire = wireTo(mock, tampering);
  const board = await Board.greet(wire.transport);
  await board.define([{ wave: 0, amplitudeV: 1, widthUs: 1000 }]);
  await board.arm();
  const log: string[] = [];
  const journal: Journal = {
    intend: async ({ batch }) =>
      void log.push(`intend ${batch}, sent ${wire.sent.filter((line) => line.includes('RUN')).length}`),
    settle: async ({ batch }) => void log.push(`settle ${batch}`),
  };
  return { mock, log, wire, runner: new Runner(board, journal, { gapUs: 0 }) };
}

const updates = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    update: index + 1,
    cell: index,
    kind: 'RESET' as const,
    waves: [0],
  }));

test('each intent is journaled before its bytes leave, and ids go on from step to step', async () => {
  const { runner, log } = await bench();
  const executed = await runner.execute(updates(700), 1);
  await runner.execute(updates(1), 2);
  expect(log).toEqual([
    'intend 1, sent 0',
    'settle 1',
    'intend 2, sent 1',
    'settle 2',
    'intend 3, sent 2',
    'settle 3',
  ]);
  expect(executed).toHaveLength(700);
  for (const { pulses } of executed) expect(pulses).toHaveLength(1);
});

test('every executed update carries the codes of its own node', async () => {
  const { runner, mock } = await bench();
  const executed = await runner.execute(updates(40), 1);
  for (const { cell, kind, pulses } of executed) {
    const afterV = ((pulses[0]?.afterCode ?? 0) / 2 ** 23) * 10;
    expect(Math.abs(afterV - mock.trueNodeV(cell, kind))).toBeLessThan(1e-4);
  }
});

test('a lost reply is settled by asking the board; the pulse is applied once', async () => {
  vi.useFakeTimers();
  let lost = 0;
  const { runner, mock, wire, log } = await bench({
    toHost: (line) => (line.includes('batch=1 ') && lost++ === 0 ? undefined : line),
  });
  const executing = runner.execute(updates(1), 1);
  await vi.advanceTimersByTimeAsync(5_000);
  vi.useRealTimers();
  expect((await executing)[0]?.pulses).toHaveLength(1);
  expect(mock.pulsesApplied(0, 'RESET')).toBe(1);
  expect(wire.sent.filter((line) => line.includes('RUN'))).toHaveLength(1);
  expect(log.at(-1)).toBe('settle 1');
});

test('an outcome that cannot be had leaves the intent open and sends nothing more', async () => {
  vi.useFakeTimers();
  let isCut = false;
  const { runner, log } = await bench({ toBoard: (line) => (isCut ? undefined : line) });
  isCut = true;
  const executing = runner.execute(updates(700), 1);
  executing.catch(() => {});
  await vi.advanceTimersByTimeAsync(30_000);
  vi.useRealTimers();
  await expect(executing).rejects.toMatchObject({ code: 'outcome-unknown' });
  expect(log).toEqual(['intend 1, sent 0']);
});

test('an abort lets the batch in flight end, and sends no other', async () => {
  const controller = new AbortController();
  const { runner, log, mock } = await bench({
    toBoard: (line) => {
      if (line.includes(' RUN ')) controller.abort();
      return line;
    },
  });
  const executed = await runner.execute(updates(700), 1, controller.signal);
  expect(log).toEqual(['intend 1, sent 0', 'settle 1']);
  expect(executed).toHaveLength(491);
  expect(mock.pulsesApplied(490, 'RESET')).toBe(1);
  expect(mock.pulsesApplied(491, 'RESET')).toBe(0);
});
