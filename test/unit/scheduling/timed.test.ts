import { afterEach, describe, expect, test, vi } from 'vitest';
import { readLine } from '../../../firmware-protocol/line.ts';
import { createMock, type MockChoices, type WireConditions } from '../../../mocks/index.ts';
import { MOST_LEAD_US } from '../../../src/board/timing.ts';
import type { Journal, SettledBatch, Witness } from '../../../src/scheduling/journal.ts';
import { Runner } from '../../../src/scheduling/runner.ts';
import { altered, boardOn, type Tampering, wireTo } from '../../support/wire.ts';

const LEAD_MS = 50;
const LEAD_US = 50_000;

interface Bench extends Tampering {
  readonly choices?: Partial<MockChoices & WireConditions>;
  readonly leadMs?: number;
  readonly widthUs?: number;
}

async function bench({ choices = {}, leadMs = LEAD_MS, widthUs = 1_000, ...tampering }: Bench = {}) {
  const { board: mock, end } = createMock({ preset: 'dam-a', cells: 1024, ...choices });
  const wire = wireTo(end, tampering);
  const board = await passing(boardOn(wire));
  const runOf = (outcome: Promise<unknown>) => passing(outcome);
  await runOf(board.define([{ wave: 0, amplitudeV: 1, widthUs }]));
  await runOf(board.arm());
  const settled: SettledBatch[] = [];
  const events: { readonly name: string; readonly detail: unknown }[] = [];
  const journal: Journal = {
    intend: async () => {},
    settle: async (batches) => void settled.push(...batches),
    reading: async () => {},
    event: async (_, name, detail) => void events.push({ name, detail }),
  };
  const witness: Witness = {
    note: () => {},
    refresh: async () => ({ bootNonce: 0, boardTimeUs: 0, temperatureK: undefined, cells: [] }),
    judge: async () => {
      throw new Error('nothing was forgotten');
    },
  };
  const runner = new Runner({ board, journal, witness, gapUs: 0, leadMs });
  /** Of the batches that ran, in order: start, slack and end on the board's clock, us. */
  const ran = () =>
    settled.flatMap(({ batch, verdict }) =>
      verdict.kind === 'executed'
        ? [
            {
              startedUs: verdict.outcome.startedUs,
              slackUs: verdict.outcome.slackUs,
              endedUs: verdict.outcome.startedUs + board.durationUs(batch),
            },
          ]
        : [],
    );
  return {
    mock,
    wire,
    board,
    runner,
    ran,
    settled,
    events: () => events.map(({ name }) => name),
    details: events,
  };
}

/** Lets fake time pass, where there is any, until the promise settles. */
async function passing<T>(promise: Promise<T>): Promise<T> {
  if (!vi.isFakeTimers()) return promise;
  let isSettled = false;
  const done = () => {
    isSettled = true;
  };
  promise.then(done, done);
  for (let turn = 0; !isSettled && turn < 500_000; turn += 1) await vi.advanceTimersByTimeAsync(1);
  return promise;
}

const updates = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    update: index + 1,
    cell: index % 1024,
    kind: 'RESET' as const,
    waves: [0],
  }));

const runIn = (line: string) => {
  const read = readLine(line);
  return read.kind === 'request' && read.verb === 'RUN' ? read.fields : undefined;
};

afterEach(() => void vi.useRealTimers());

describe('on virtual time', () => {
  test('the first batch of a step starts after the lead, each other one exactly when the one before ends', async () => {
    const { runner, ran, board } = await bench();
    const { boardTimeUs } = await board.ping();
    await runner.execute(updates(3_000), 1);
    const first = ran();
    expect(first.length).toBeGreaterThan(5);
    expect(first[0]).toMatchObject({ startedUs: boardTimeUs + LEAD_US, slackUs: LEAD_US });
    for (const [index, { startedUs, slackUs }] of first.slice(1).entries())
      expect([startedUs, slackUs]).toEqual([first[index]?.endedUs, 0]);
    expect((await board.ping()).boardTimeUs).toBe(first.at(-1)?.endedUs);
    await runner.execute(updates(1), 2);
    expect(ran().at(-1)?.startedUs).toBe((first.at(-1)?.endedUs ?? 0) + LEAD_US);
    expect(board.statistics).toMatchObject({ lateBatches: 0, lowSlack: 0, leastSlackUs: 0 });
  });

  test('lost lines change no start', async () => {
    const clean = await bench();
    await clean.runner.execute(updates(3_000), 1);
    const lost = { runs: 0, replies: 0 };
    const lossy = await bench({
      toBoard: (line) => (runIn(line) && [2, 9].includes(++lost.runs) ? undefined : line),
      toHost: (line) => (line.includes('OK batch=') && [1, 4].includes(++lost.replies) ? undefined : line),
    });
    await lossy.runner.execute(updates(3_000), 1);
    expect(lossy.board.statistics.batchesResent).toBeGreaterThan(0);
    expect(lossy.ran().map(({ startedUs }) => startedUs)).toEqual(
      clean.ran().map(({ startedUs }) => startedUs),
    );
  });

  test('a batch that comes late is refused, told, and runs later instead, once', async () => {
    let spoiled = 0;
    const { runner, ran, mock, board, events, details } = await bench({
      toBoard: (line) =>
        runIn(line)?.get('batch') === '3' && spoiled++ === 0 ? altered(line, /at_us=\d+/, 'at_us=7') : line,
    });
    expect(await runner.execute(updates(3_000), 1)).toHaveLength(3_000);
    expect(mock.totalPulses).toBe(3_000);
    expect(events()).toEqual(['late']);
    const starts = ran();
    const endedUs = starts[1]?.endedUs ?? 0;
    expect(details[0]?.detail).toEqual({ intent: 3, slackUs: 7 - endedUs, leadMs: LEAD_MS });
    expect(starts[2]?.startedUs).toBe(endedUs);
    expect(board.statistics.lateBatches).toBe(1);
    expect(board.statistics.leastSlackUs).toBe(0);
  });

  test('where every one comes late it ends with what to do, and nothing was emitted', async () => {
    const { runner, mock, events, settled } = await bench({
      toBoard: (line) => (runIn(line) ? altered(line, /at_us=\d+/, 'at_us=0') : line),
    });
    mock.elapse(1);
    await expect(runner.execute(updates(3_000), 1)).rejects.toMatchObject({
      code: 'board-refused',
      message: expect.stringMatching(
        /^Batch 1 came too late for board dam-a:1 9 times, the last time by \d+ us, although it was sent 50 ms before its start\./,
      ),
    });
    expect(mock.totalPulses).toBe(0);
    expect(events()).toEqual(Array.from({ length: 9 }, () => 'late'));
    expect(new Set(settled.map(({ verdict }) => verdict.kind))).toEqual(new Set(['unrun']));
  });

  test('little slack is counted each time and told once a step', async () => {
    const { runner, board, details } = await bench({
      toHost: (line) =>
        line.includes('slack_us=50000') ? altered(line, /slack_us=50000/, 'slack_us=12499') : line,
    });
    await runner.execute(updates(10), 1);
    await runner.execute(updates(10), 2);
    expect(details).toEqual(
      [1, 2].map((intent) => ({
        name: 'low-slack',
        detail: { intent, slackUs: 12_499, plannedSlackUs: LEAD_US },
      })),
    );
    expect(board.statistics).toMatchObject({ lowSlack: 2, leastSlackUs: 12_499, lateBatches: 0 });
  });
});

describe('in real time', () => {
  const real = { time: 'real', skewPpm: 100, jitterMs: 0.5 } as const;

  test('starts are those asked for, to the microsecond, a turnaround after the end of the one before', async () => {
    vi.useFakeTimers();
    const { runner, ran, board, mock } = await bench({ choices: real });
    await passing(runner.execute(updates(3_000), 1));
    const starts = ran();
    expect(mock.totalPulses).toBe(3_000);
    expect(starts[0]?.slackUs).toBeGreaterThan(LEAD_US - 5_000);
    for (const [index, { startedUs }] of starts.slice(1).entries())
      expect(startedUs - (starts[index]?.endedUs ?? 0)).toBe(5_000);
    expect(board.statistics).toMatchObject({ lateBatches: 0, lowSlack: 0 });
    await passing(board.close());
  });

  test('with a link slower than the lead, batches are late, but none runs late, twice or not at all', async () => {
    vi.useFakeTimers();
    const { runner, ran, board, mock, events } = await bench({
      choices: { ...real, jitterMs: 40 },
      leadMs: 25,
    });
    for (let step = 1; step <= 20; step += 1)
      expect(await passing(runner.execute(updates(10), step))).toHaveLength(10);
    expect(mock.totalPulses).toBe(200);
    const { lateBatches } = board.statistics;
    expect(lateBatches).toBeGreaterThan(0);
    expect(events().filter((name) => name === 'late')).toHaveLength(lateBatches);
    for (const { slackUs } of ran()) expect(slackUs).toBeGreaterThanOrEqual(0);
    await passing(board.close());
  });

  test('a batch that is far ahead is not sent before its time is near', async () => {
    vi.useFakeTimers();
    const ahead: number[] = [];
    const parts: Awaited<ReturnType<typeof bench>>[] = [];
    const { runner, ran, board } = await bench({
      choices: real,
      widthUs: 1_000_000,
      toBoard: (line) => {
        const atUs = runIn(line)?.get('at_us');
        const nowUs = parts[0]?.board.boardTimeUsAt(performance.now());
        if (atUs !== undefined) ahead.push(Number(atUs) - (nowUs ?? Number.NaN));
        return line;
      },
    }).then((made) => {
      parts.push(made);
      return made;
    });
    await vi.advanceTimersByTimeAsync(3_000);
    // One slot a batch, of 1 s and its conversions.
    const executed = await passing(runner.execute(updates(5_000), 1));
    expect(executed).toHaveLength(5_000);
    expect(ahead.length).toBeGreaterThan(10);
    expect(ahead).toHaveLength(ran().length);
    expect(Math.max(...ahead)).toBeLessThan(MOST_LEAD_US + 1_000);
    expect(Math.min(...ahead.slice(2))).toBeGreaterThan(MOST_LEAD_US - 10_000);
    expect(board.statistics).toMatchObject({ lateBatches: 0, timeouts: 0 });
    await passing(board.close());
  });
});

test.each([0, -1, Number.NaN, 2_001])('a lead of %d ms is refused', async (leadMs) => {
  await expect(bench({ leadMs })).rejects.toMatchObject({
    code: 'limit-exceeded',
    message: `A lead of ${leadMs} ms is not possible: expected more than 0 ms, and up to 2000 ms. Nothing was sent.`,
  });
});
