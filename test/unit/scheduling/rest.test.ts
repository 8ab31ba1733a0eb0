import { expect, test } from 'vitest';
import { createMockBoard } from '../../../mocks/index.ts';
import type { Journal, Witness } from '../../../src/scheduling/journal.ts';
import { Runner } from '../../../src/scheduling/runner.ts';
import { boardOn, type Tampering, wireTo } from '../../support/wire.ts';

async function bench(tampering: Tampering = {}) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 16, batchLog: true });
  const wire = wireTo(mock, tampering);
  const board = await boardOn(wire);
  await board.define([{ wave: 0, amplitudeV: 1, widthUs: 1000 }]);
  await board.arm();
  const log: string[] = [];
  const journal: Journal = {
    intend: async (batches) => void log.push(...batches.map(({ intent }) => `intend ${intent}`)),
    settle: async (settled) =>
      void log.push(...settled.map(({ batch, verdict }) => `${verdict.kind} ${batch.intent}`)),
    reading: async () => {},
    event: async (_, name) => void log.push(name),
  };
  const witness: Witness = {
    note: () => {},
    judge: async () => {
      throw new Error('the cells cannot tell how long they rested');
    },
    refresh: async () => ({ ...(await board.read([0])), cells: [] }),
  };
  return { mock, wire, board, log, runner: new Runner({ board, journal, witness, gapUs: 0 }) };
}

const pulse = [{ update: 1, cell: 3, kind: 'SET' as const, waves: [0] }];

test('a rest takes its time on the board, is journaled, and batches follow it', async () => {
  const { runner, board, log, mock } = await bench();
  const startedUs = (await board.ping()).boardTimeUs;
  await runner.rest(90_000_000, 1);
  expect((await board.ping()).boardTimeUs - startedUs).toBe(90_000_000);
  await runner.execute(pulse, 2);
  expect(log).toEqual(['intend 1', 'executed 1', 'intend 2', 'executed 2']);
  expect(mock.pulsesApplied(3, 'SET')).toBe(1);
});

test('a rest longer than a batch can wait is cut into even parts', async () => {
  const { runner, board, wire } = await bench();
  const startedUs = (await board.ping()).boardTimeUs;
  await runner.rest(2.5 * 3_600_000_000, 1);
  expect((await board.ping()).boardTimeUs - startedUs).toBe(2.5 * 3_600_000_000);
  expect(wire.sent.filter((line) => line.includes(' RUN '))).toHaveLength(1);
});

test('the lost reply to a rest of an hour is missed in seconds on virtual time', async () => {
  let lost = 0;
  const { runner, board, log } = await bench({
    toHost: (line) => (line.includes('OK batch=1 ') && lost++ === 0 ? undefined : line),
  });
  const startedUs = (await board.ping()).boardTimeUs;
  await runner.rest(3_600_000_000, 1);
  expect((await board.ping()).boardTimeUs - startedUs).toBe(3_600_000_000);
  expect(log).toEqual(['intend 1', 'executed 1']);
});

test('a board that restarts in a rest rests again: nobody is asked what the cells cannot tell', async () => {
  const { runner, mock, log } = await bench();
  mock.brownOut(0);
  await runner.rest(60_000_000, 1);
  expect(log).toEqual(['intend 1', 'inferred 1', 'rebooted', 'intend 2', 'executed 2']);
  expect(mock.isArmed).toBe(true);
});

test('a board that was disarmed takes no pulses until it is armed, and needs no new waves', async () => {
  const { runner, board, mock } = await bench();
  await board.disarm();
  expect(mock.isArmed).toBe(false);
  await board.arm();
  await runner.execute(pulse, 1);
  expect(mock.pulsesApplied(3, 'SET')).toBe(1);
});
