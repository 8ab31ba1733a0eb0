import { expect, test, vi } from 'vitest';
import { encodeFields } from '../../../firmware-protocol/codec.ts';
import { commands } from '../../../firmware-protocol/commands.ts';
import { spellLine } from '../../../firmware-protocol/line.ts';
import { createMockBoard, type MockBoard } from '../../../mocks/index.ts';
import type { Journal, Witness } from '../../../src/scheduling/journal.ts';
import { Runner } from '../../../src/scheduling/runner.ts';
import { boardOn, type Tampering, wireTo } from '../../support/wire.ts';

async function bench(tampering: Tampering = {}) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 1024 });
  const wire = wireTo(mock, tampering);
  const board = await boardOn(wire);
  await board.define([{ wave: 0, amplitudeV: 1, widthUs: 1000 }]);
  await board.arm();
  const log: string[] = [];
  const journal: Journal = {
    intend: async (batches) =>
      void log.push(
        `intend ${batches.map(({ intent }) => intent)}, sent ${wire.sent.filter((line) => line.includes('RUN')).length}`,
      ),
    settle: async (settled) =>
      void log.push(...settled.map(({ batch, verdict }) => `${verdict.kind} ${batch.intent}`)),
    reading: async () => {},
    event: async (_, name) => void log.push(name),
  };
  const witness: Witness = {
    note: () => {},
    judge: async () => {
      throw new Error('nothing was forgotten');
    },
    refresh: async () => ({ bootNonce: 0, boardTimeUs: 0, temperatureK: undefined, cells: [] }),
  };
  return { mock, log, wire, board, witness, runner: new Runner({ board, journal, witness, gapUs: 0 }) };
}

const updates = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    update: index + 1,
    cell: index % 1024,
    kind: 'RESET' as const,
    waves: [0],
  }));

/** Pulses that the board has emitted in all. */
const emitted = (mock: MockBoard) =>
  Array.from({ length: 1024 }, (_, cell) => mock.pulsesApplied(cell, 'RESET')).reduce(
    (sum, pulses) => sum + pulses,
    0,
  );
const verdicts = (log: readonly string[], kind: string) =>
  log.filter((entry) => entry.startsWith(`${kind} `)).length;

test('intents are journaled before their bytes leave, and ids go on from step to step', async () => {
  const { runner, log } = await bench();
  const executed = await runner.execute(updates(700), 1);
  await runner.execute(updates(1), 2);
  expect(log).toEqual(['intend 1,2, sent 0', 'executed 1', 'executed 2', 'intend 3, sent 2', 'executed 3']);
  expect(executed).toHaveLength(700);
  for (const { pulses } of executed) expect(pulses).toHaveLength(1);
});

test('the board goes on while outcomes are written, and both are done in the end', async () => {
  const { board, witness } = await bench();
  const log: string[] = [];
  const journal: Journal = {
    intend: async () => {},
    settle: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      log.push('settled');
    },
    reading: async () => {},
    event: async () => {},
  };
  const runner = new Runner({ board, journal, witness, gapUs: 0 });
  const { executed, following } = await runner.executeThen(updates(1), 1, async () => log.push('next'));
  expect(executed).toHaveLength(1);
  expect(following).toBe(1);
  expect(log).toEqual(['next', 'settled']);
  await expect(
    runner.executeThen(updates(1), 2, () => Promise.reject(new Error('the link is gone'))),
  ).rejects.toThrow('the link is gone');
  expect(log).toEqual(['next', 'settled', 'settled']);
});

test('several batches are under way, no more than the window leaves room for', async () => {
  let underWay = 0;
  let most = 0;
  const { runner, board } = await bench({
    toBoard: (line) => {
      underWay += line.includes(' RUN ') ? 1 : 0;
      most = Math.max(most, underWay);
      return line;
    },
    toHost: (line) => {
      underWay -= line.includes('OK batch=') ? 1 : 0;
      return line;
    },
  });
  await runner.execute(updates(20_000), 1);
  expect(most).toBeLessThan(board.identity.window);
});

test('every executed update carries the codes of its own node', async () => {
  const { runner, mock } = await bench();
  const { readGainRel, channelOffsetV } = mock.truth;
  const executed = await runner.execute(updates(40), 1);
  for (const { cell, kind, pulses } of executed) {
    const readV = ((pulses[0]?.codes?.after ?? 0) / 2 ** 23) * 10;
    const channel = (2 * cell + (kind === 'RESET' ? 1 : 0)) % 8;
    const afterV = readV / (1 + readGainRel) - (channelOffsetV[channel] ?? 0);
    expect(Math.abs(afterV - mock.trueNodeV(cell, kind))).toBeLessThan(1e-4);
  }
});

test('a lost reply is settled by asking the board; the pulse is applied once', async () => {
  let lost = 0;
  const { runner, mock, wire, log, board } = await bench({
    toHost: (line) => (line.includes('batch=1 ') && lost++ === 0 ? undefined : line),
  });
  expect((await runner.execute(updates(1), 1))[0]?.pulses).toHaveLength(1);
  expect(mock.pulsesApplied(0, 'RESET')).toBe(1);
  expect(wire.sent.filter((line) => line.includes('RUN'))).toHaveLength(1);
  expect(log.at(-1)).toBe('executed 1');
  expect(board.statistics).toMatchObject({ outcomesRecovered: 1, batchesResent: 0 });
});

test('a batch that never arrived goes out again with those that the board refused for the gap', async () => {
  let lost = 0;
  const { runner, mock, board } = await bench({
    toBoard: (line) => (line.includes('RUN batch=2 ') && lost++ === 0 ? undefined : line),
  });
  expect(await runner.execute(updates(3000), 1)).toHaveLength(3000);
  expect(emitted(mock)).toBe(3000);
  expect(board.statistics).toMatchObject({ outcomesRecovered: 0 });
  expect(board.statistics.batchesResent).toBeGreaterThan(1);
});

test('an unplug in mid-step is outlasted: nothing lost, nothing repeated', async () => {
  let runs = 0;
  const { runner, mock, wire, board } = await bench({
    toBoard: (line) => {
      if (!line.includes(' RUN ')) return line;
      runs += 1;
      if (runs !== 5) return line;
      setTimeout(wire.plug, 120);
      wire.unplug();
      return undefined;
    },
  });
  expect(await runner.execute(updates(6000), 1)).toHaveLength(6000);
  expect(emitted(mock)).toBe(6000);
  expect(board.statistics.reconnects).toBe(1);
});

test('a board that came to rest between WAVE and ARM gets its waves again', async () => {
  const { runner, mock, log } = await bench();
  // Its dead-man forgot the waves; the ARM that was under way came after that.
  const armed = encodeFields(commands.arm.request, { maxAmplitudeV: 1, maxWidthUs: 1000, holdMs: undefined });
  mock.missHost();
  mock.receive(`${spellLine({ kind: 'request', id: 65_535, verb: 'ARM', fields: armed })}\n`);
  expect(await runner.execute(updates(3), 1)).toHaveLength(3);
  expect(emitted(mock)).toBe(3);
  expect(log).toContain('rearmed');
});

test('a board whose dead-man has disarmed it is armed again, and says so in the record', async () => {
  const { runner, mock, log, board } = await bench();
  await runner.execute(updates(5), 1);
  mock.missHost();
  expect(await runner.execute(updates(5), 2)).toHaveLength(5);
  expect(emitted(mock)).toBe(10);
  expect(log).toContain('rearmed');
  expect(board.statistics.disarmings).toBe(1);
});

test('a board that something else brought to rest is left there: nothing is emitted after, and what ran is settled', async () => {
  const { runner, mock, log, board } = await bench();
  let slots = 0;
  mock.onSlot = () => {
    slots += 1;
    if (slots === 2) mock.bringToRest({ restCause: 'button', restHost: 0 });
  };
  await expect(runner.execute(updates(3000), 1)).rejects.toMatchObject({ code: 'brought-to-rest' });
  const before = emitted(mock);
  expect(mock.isArmed).toBe(false);
  expect(verdicts(log, 'executed')).toBeGreaterThan(0);
  expect(log).not.toContain('rearmed');
  await expect(runner.execute(updates(5), 2)).rejects.toMatchObject({ code: 'brought-to-rest' });
  expect(emitted(mock)).toBe(before);
  expect(board.statistics.disarmings).toBe(1);
});

test('whoever aborts when the board is brought to rest is told what was done until then', async () => {
  const { runner, mock, board } = await bench();
  const controller = new AbortController();
  board.rested$.subscribe(() => controller.abort());
  mock.onSlot = () => mock.bringToRest({ restCause: 'interlock', restHost: 0 });
  const executed = await runner.execute(updates(3000), 1, controller.signal);
  expect(executed.length).toBe(emitted(mock));
  expect(executed.length).toBeLessThan(3000);
});

test('a link that has ended leaves the intents open of what may have run, and of nothing else', async () => {
  vi.useFakeTimers();
  let isCut = false;
  const { runner, log } = await bench({ toBoard: (line) => (isCut ? undefined : line) });
  isCut = true;
  const executing = runner.execute(updates(6000), 1);
  executing.catch(() => {});
  await vi.advanceTimersByTimeAsync(300_000);
  vi.useRealTimers();
  await expect(executing).rejects.toMatchObject({ code: 'link-lost' });
  const intended = log[0]?.split(',').length ?? 0;
  expect(log[0]).toMatch(/^intend 1,2,.*, sent 0$/);
  expect(verdicts(log, 'executed')).toBe(0);
  // The first seven may have run.
  expect(verdicts(log, 'unrun')).toBe(intended - 1 - 7);
});

test('an abort lets the batches in flight end, and sends no other', async () => {
  const controller = new AbortController();
  const { runner, log, mock } = await bench({
    toBoard: (line) => {
      if (line.includes(' RUN ')) controller.abort();
      return line;
    },
  });
  const executed = await runner.execute(updates(20_000), 1, controller.signal);
  expect(verdicts(log, 'executed')).toBeLessThanOrEqual(7);
  expect(verdicts(log, 'executed')).toBeGreaterThan(0);
  expect(executed).toHaveLength(emitted(mock));
  expect(
    log
      .join()
      .match(/intend [\d,]+/)?.[0]
      .split(',').length,
  ).toBeGreaterThan(7);
  expect(verdicts(log, 'unrun')).toBeGreaterThan(0);
});
