import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BoardEvent,
  boardPolicy,
  boardTransition,
  type Standing,
  unbegun,
} from '../../../src/daemon/board-machine.ts';

/** Where a board is after these events, and what is to be done after the last one. */
function after(events: readonly BoardEvent[], from: Standing = unbegun) {
  let standing = from;
  let actions: ReturnType<typeof boardTransition>['actions'] = [];
  for (const event of events) ({ standing, actions } = boardTransition(standing, event));
  return { ...standing, actions: actions.map((action) => action.kind) };
}

const up: BoardEvent[] = [{ kind: 'begin' }, { kind: 'worker-up' }, { kind: 'connected' }];
const died: BoardEvent = { kind: 'worker-died', reason: 'SIGSEGV' };

test('a board is reached by a worker first, then by its connection', () => {
  expect(after(up.slice(0, 1))).toMatchObject({ state: 'connecting', actions: ['start-worker'] });
  expect(after(up.slice(0, 2))).toMatchObject({ state: 'connecting', actions: ['connect'] });
  expect(after(up)).toMatchObject({ state: 'ready', actions: [] });
});

test('an unplugged board is absent, without a fault, and looked for ever less often', () => {
  const missing: BoardEvent = { kind: 'refused', code: 'port-missing', reason: 'There is no port.' };
  const waits: number[] = [];
  let standing = after(up.slice(0, 2)) as Standing;
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const refused = boardTransition(standing, missing);
    expect(refused.standing).toMatchObject({ state: 'absent', faults: 0, reason: 'There is no port.' });
    waits.push(...refused.actions.flatMap((action) => (action.kind === 'wait' ? [action.forMs] : [])));
    standing = boardTransition(refused.standing, { kind: 'waited' }).standing;
  }
  expect(waits.slice(0, 3)).toEqual([500, 1_000, 2_000]);
  expect(waits.at(-1)).toBe(boardPolicy.mostWaitMs);
});

test('faults in a row end in quarantine, unless something was done well in between', () => {
  const fault: BoardEvent[] = [died, { kind: 'waited' }, ...up.slice(1)];
  const often = Array.from({ length: boardPolicy.mostFaults - 1 }, () => fault).flat();
  expect(after([...up, ...often])).toMatchObject({ state: 'ready', faults: boardPolicy.mostFaults - 1 });
  expect(after([...up, ...often, died])).toMatchObject({
    state: 'quarantined',
    reason: 'After 8 faults in a row, the last: SIGSEGV',
    actions: [],
  });
  expect(after([...up, ...often, { kind: 'did-well' }, died])).toMatchObject({ state: 'fault', faults: 1 });
});

test('a run survives the loss of its link, but not that of its process', () => {
  const running = [...up, { kind: 'work-begun' } as const];
  const lost: BoardEvent = { kind: 'link-lost', reason: 'The link was lost.' };
  expect(after([...running, lost])).toMatchObject({ state: 'connecting', isBusy: true });
  expect(after([...running, lost, { kind: 'link-back' }])).toMatchObject({ state: 'running', reason: null });
  expect(after([...running, died])).toMatchObject({ state: 'fault', isBusy: false, actions: ['wait'] });
});

test('quarantine ends the worker; a release before that is over takes it up again', () => {
  const set: BoardEvent = { kind: 'quarantine', reason: 'It smells.' };
  expect(after([...up, set])).toMatchObject({ state: 'quarantined', actions: ['end-worker'] });
  expect(after([...up, set, { kind: 'release' }])).toMatchObject({ worker: 'ending', actions: [] });
  expect(after([...up, set, { kind: 'release' }, died])).toMatchObject({
    state: 'connecting',
    actions: ['start-worker'],
  });
  expect(after([...up, set, died, { kind: 'release' }])).toMatchObject({ actions: ['start-worker'] });
});

test('a board that is lent loses its worker, and is taken up again when it is returned, by nothing else', () => {
  const lend: BoardEvent = { kind: 'lend', reason: 'Lent to x.' };
  const ended: BoardEvent = { kind: 'worker-died', reason: 'exit status 0' };
  const lent = { state: 'lent', reason: 'Lent to x.', faults: 0, isLinked: false };
  expect(after([...up, lend])).toMatchObject({ ...lent, worker: 'ending', actions: ['end-worker'] });
  for (const event of [ended, { kind: 'release' }, { kind: 'waited' }, { kind: 'restart' }] as const)
    expect(after([...up, lend, ended, event])).toMatchObject({ ...lent, worker: 'none', actions: [] });
  expect(after([...up, lend, ended, { kind: 'returned' }])).toMatchObject({
    state: 'connecting',
    actions: ['start-worker'],
  });
  // One that comes back before its old worker is gone waits for that.
  expect(after([...up, lend, { kind: 'returned' }, ended])).toMatchObject({ actions: ['start-worker'] });
  // A worker that was just starting is ended once it is up, and never connects.
  expect(after([{ kind: 'begin' }, lend, { kind: 'worker-up' }])).toMatchObject({
    ...lent,
    actions: ['end-worker'],
  });
  const quarantine: BoardEvent = { kind: 'quarantine', reason: 'It smells.' };
  expect(after([...up, lend, ended, quarantine, { kind: 'returned' }])).toMatchObject({
    state: 'quarantined',
    actions: [],
  });
});

const anyEvent: fc.Arbitrary<BoardEvent> = fc.oneof(
  fc.constantFrom<BoardEvent>(
    { kind: 'waited' },
    { kind: 'worker-up' },
    died,
    { kind: 'connected' },
    { kind: 'refused', code: 'no-reply', reason: 'x' },
    { kind: 'refused', code: 'port-missing', reason: 'x' },
    { kind: 'link-lost', reason: 'x' },
    { kind: 'link-back' },
    { kind: 'link-ended', reason: 'x' },
    { kind: 'work-begun' },
    { kind: 'work-ended', fault: null },
    { kind: 'work-ended', fault: 'x' },
    { kind: 'did-well' },
    { kind: 'restart' },
    { kind: 'quarantine', reason: 'x' },
    { kind: 'release' },
    { kind: 'lend', reason: 'x' },
    { kind: 'returned' },
  ),
);

test('whatever happens: one worker at a time, none asked to connect that is not up, none but a release out of quarantine, none but a return out of a loan', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let standing = boardTransition(unbegun, { kind: 'begin' }).standing;
      for (const event of events) {
        const next = boardTransition(standing, event);
        for (const { kind } of next.actions) {
          if (kind === 'start-worker')
            expect(standing.worker === 'none' || event.kind === 'worker-died').toBe(true);
          if (kind === 'connect') expect(next.standing.worker).toBe('up');
          if (kind === 'end-worker') expect(next.standing.worker).toBe('ending');
        }
        if (standing.state === 'quarantined' && event.kind !== 'release')
          expect(next.standing.state).toBe('quarantined');
        if (standing.state === 'lent' && event.kind !== 'returned' && event.kind !== 'quarantine')
          expect(next.standing.state).toBe('lent');
        if (next.standing.state === 'quarantined') expect(next.standing.reason).not.toBeNull();
        standing = next.standing;
      }
    }),
  );
});
