import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { devices } from '../../calibration/devices.ts';
import { createMockBoard, type MockBoard } from '../../mocks/index.ts';
import { isBroughtToRest } from '../../src/board/rest-watch.ts';
import type { DefinedWave } from '../../src/board/types.ts';
import { nominalChip } from '../../src/chip/chip-model.ts';
import { seededRandom } from '../../src/core/random.ts';
import { type Journal, type SettledBatch, slotsDoneOf } from '../../src/scheduling/journal.ts';
import { Runner } from '../../src/scheduling/runner.ts';
import { CellWitness } from '../../src/settling/cell-witness.ts';
import { randomUpdates } from '../../src/soak/random-updates.ts';
import { boardOn, wireTo } from '../support/wire.ts';

const CELLS = 16;
const STEPS = 4;
const UPDATES = 160;
/** Few pulses a batch, so that many batches are under way. */
const PULSES = 24;

/** What happens to a line, of whichever direction it is the next. */
const fate = fc.oneof(
  { weight: 30, arbitrary: fc.constant('pass' as const) },
  { weight: 3, arbitrary: fc.constantFrom('drop', 'corrupt', 'double') },
  { weight: 1, arbitrary: fc.constantFrom('unplug', 'dead-man', 'reboot', 'brown-out') },
);
type Fate = typeof fate extends fc.Arbitrary<infer F> ? F : never;

const fatesAt = (...those: readonly (readonly [line: number, what: Fate])[]): Fate[] =>
  those.reduce<Fate[]>((fates, [line, what]) => fates.with(line, what), Array(60).fill('pass'));

/** The reply to an ARM comes after the word that the board has come to rest again. */
const restsBeforeReply = fatesAt(
  [18, 'brown-out'],
  [25, 'drop'],
  [26, 'drop'],
  [37, 'dead-man'],
  [47, 'drop'],
);
/** The waves are being defined for another arming as the board restarts. */
const restartsInRestoring = fatesAt(
  [7, 'dead-man'],
  [21, 'double'],
  [23, 'reboot'],
  [25, 'unplug'],
  [41, 'unplug'],
);

interface Journaled {
  readonly journal: Journal;
  readonly intended: Set<number>;
  readonly settled: Map<number, SettledBatch>;
}

/** A journal in memory that insists on its order: intent first, one verdict for each. */
function journalInMemory(): Journaled {
  const intended = new Set<number>();
  const settled = new Map<number, SettledBatch>();
  return {
    intended,
    settled,
    journal: {
      intend: async (batches) => {
        for (const { intent } of batches) intended.add(intent);
      },
      settle: async (batches) => {
        for (const one of batches) {
          if (!intended.has(one.batch.intent))
            throw new Error(`intent ${one.batch.intent} was never written`);
          if (settled.has(one.batch.intent)) throw new Error(`intent ${one.batch.intent} is settled twice`);
          settled.set(one.batch.intent, one);
        }
      },
      reading: async () => {},
      event: async () => {},
    },
  };
}

/** Lets time pass, on virtual timers, until the promise is settled. */
async function outlast<T>(promise: Promise<T>): Promise<T> {
  let isPending = true;
  const end = () => {
    isPending = false;
  };
  promise.then(end, end);
  for (let turns = 0; isPending && turns < 20_000; turns += 1) await vi.advanceTimersByTimeAsync(20);
  return promise;
}

/** Pulses of each node, as the journal has them. */
function recorded(settled: Iterable<SettledBatch>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { batch, verdict } of settled) {
    for (const { cell, kind, slot } of batch.pulses) {
      if (slot < slotsDoneOf(verdict))
        counts.set(`${kind} ${cell}`, (counts.get(`${kind} ${cell}`) ?? 0) + 1);
    }
  }
  return counts;
}

function applied(mock: MockBoard): Map<string, number> {
  const counts = new Map<string, number>();
  for (let cell = 0; cell < CELLS; cell += 1) {
    for (const kind of ['SET', 'RESET'] as const) {
      const pulses = mock.pulsesApplied(cell, kind);
      if (pulses > 0) counts.set(`${kind} ${cell}`, pulses);
    }
  }
  return counts;
}

async function soak(fates: readonly Fate[], seed: number, restAtLine = Number.POSITIVE_INFINITY) {
  const mock = createMockBoard({ preset: 'dam-a', cells: CELLS, seed });
  let line = 0;
  let emittedAtRest: number | undefined;
  let isQuiet = true;
  const meet = (text: string): string | undefined => {
    if (isQuiet) return text;
    const what = fates[line] ?? 'pass';
    line += 1;
    if (line === restAtLine) {
      mock.bringToRest({ restCause: 'safe', restHost: 0 });
      emittedAtRest = mock.totalPulses;
    }
    switch (what) {
      case 'pass':
        return text;
      case 'drop':
        return undefined;
      case 'corrupt':
        return `${text.slice(0, -6)}~${text.slice(-5)}`;
      case 'double':
        return `${text}\n${text}`;
      case 'unplug':
        setTimeout(wire.plug, 300);
        wire.unplug();
        return undefined;
      case 'dead-man':
        mock.missHost();
        return text;
      case 'reboot':
        mock.reboot();
        return text;
      case 'brown-out':
        mock.brownOut(line % 3);
        return text;
    }
  };
  const wire = wireTo(mock, { toBoard: meet, toHost: meet });
  const board = await boardOn(wire);
  const waves = new Map<number, DefinedWave>();
  for (const wave of await board.define([{ wave: 0, amplitudeV: 4, widthUs: 50_000 }])) waves.set(0, wave);
  await board.arm();
  const device = devices['dam-a'];
  if (device === undefined) throw new Error('dam-a is gone');
  const witness = new CellWitness(board, nominalChip(device), waves);
  await witness.refresh();
  const journaled = journalInMemory();
  const runner = new Runner({ board, journal: journaled.journal, witness, gapUs: 0, mostPulses: PULSES });
  isQuiet = false;
  let executed = 0;
  for (let step = 1; step <= STEPS; step += 1) {
    const updates = randomUpdates(
      UPDATES,
      { firstUpdate: (step - 1) * UPDATES + 1, cells: CELLS, waves: [0] },
      seededRandom(seed, `${step}`),
    );
    const done = await outlast(runner.execute(updates, step)).catch((error: unknown) => {
      if (isBroughtToRest(error)) return undefined;
      throw error;
    });
    if (done === undefined) break;
    executed += done.length;
    await outlast(witness.refresh());
  }
  isQuiet = true;
  return { mock, board, executed, emittedAtRest, ...journaled };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('whatever happens to the lines, the board and the wire: pulses emitted are pulses recorded, each once', async () => {
  let inferred = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { minLength: 40, maxLength: 120 }),
      fc.integer({ min: 1, max: 1e6 }),
      async (fates, seed) => {
        const { mock, board, executed, intended, settled } = await soak(fates, seed);
        expect(executed).toBe(STEPS * UPDATES);
        expect(settled.size).toBe(intended.size);
        expect(recorded(settled.values())).toEqual(applied(mock));
        const once = new Map<number, number>();
        for (const { batch, verdict } of settled.values()) {
          for (const { update, slot } of batch.pulses.filter((pulse) => pulse.slot < slotsDoneOf(verdict)))
            once.set(update, (once.get(update) ?? 0) + (slot >= 0 ? 1 : 0));
          inferred += verdict.kind === 'inferred' ? 1 : 0;
        }
        expect([...once.values()].every((count) => count === 1)).toBe(true);
        await board.close();
      },
    ),
    { numRuns: 150, examples: [restsBeforeReply, restartsInRestoring].map((fates) => [fates, 1]) },
  );
  expect(inferred).toBeGreaterThan(20);
}, 120_000);

test('whatever happens besides, a board that somebody else brought to rest emits nothing more, and all of it is recorded', async () => {
  let rested = 0;
  await fc.assert(
    fc.asyncProperty(
      // A restart forgets that it was brought to rest: it is told apart, and recovered from.
      fc.array(
        fate.filter((one) => one !== 'reboot' && one !== 'brown-out'),
        { minLength: 40, maxLength: 120 },
      ),
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 90 }),
      async (fates, seed, restAtLine) => {
        const { mock, board, emittedAtRest, settled } = await soak(fates, seed, restAtLine);
        expect(recorded(settled.values())).toEqual(applied(mock));
        if (emittedAtRest === undefined) return board.close();
        rested += 1;
        expect(mock.totalPulses).toBe(emittedAtRest);
        expect(mock.isArmed).toBe(false);
        return board.close();
      },
    ),
    { numRuns: 150 },
  );
  expect(rested).toBeGreaterThan(100);
}, 120_000);
