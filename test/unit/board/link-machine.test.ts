import { describe, expect, test } from 'vitest';
import {
  type LinkEvent,
  type LinkState,
  linkPolicy,
  type Transition,
  transition,
  unconnected,
} from '../../../src/board/link-machine.ts';

const states = {
  first: unconnected,
  again: { kind: 'connecting', attempt: 3, downSinceMs: 1_000 },
  up: { kind: 'up', boardId: 'b', bootNonce: 7 },
  waiting: { kind: 'waiting', attempt: 3, downSinceMs: 1_000, reason: 'gone' },
  ended: { kind: 'ended', reason: 'over' },
} as const satisfies Record<string, LinkState>;

const events = {
  greeted: { kind: 'greeted', boardId: 'b', bootNonce: 7 },
  refused: { kind: 'refused', reason: 'nobody there.', atMs: 5_000 },
  lost: { kind: 'lost', reason: 'unplugged', atMs: 5_000 },
  rebooted: { kind: 'rebooted', bootNonce: 8 },
  waited: { kind: 'waited' },
  closed: { kind: 'closed' },
} as const satisfies Record<LinkEvent['kind'], LinkEvent>;

const follow = (state: LinkState, event: LinkEvent, lastBoot: number | undefined = 7) =>
  transition(state, event, linkPolicy, lastBoot);

const up: Transition = { state: states.up, actions: [{ kind: 'announce-up', isNewBoot: false }] };
const over = (reason: string): Transition => ({
  state: { kind: 'ended', reason },
  actions: [{ kind: 'end', reason }],
});

describe('what follows from what', () => {
  const table: readonly [keyof typeof states, keyof typeof events, Transition][] = [
    ['first', 'greeted', up],
    ['first', 'refused', over('nobody there.')],
    ['first', 'closed', over('it was closed')],
    ['again', 'greeted', up],
    [
      'again',
      'refused',
      {
        state: { kind: 'waiting', attempt: 3, downSinceMs: 1_000, reason: 'nobody there.' },
        actions: [{ kind: 'wait', forMs: 200 }],
      },
    ],
    ['again', 'closed', over('it was closed')],
    [
      'up',
      'lost',
      { state: { kind: 'connecting', attempt: 1, downSinceMs: 5_000 }, actions: [{ kind: 'connect' }] },
    ],
    [
      'up',
      'rebooted',
      { state: { ...states.up, bootNonce: 8 }, actions: [{ kind: 'announce-up', isNewBoot: true }] },
    ],
    ['up', 'closed', over('it was closed')],
    [
      'waiting',
      'waited',
      { state: { kind: 'connecting', attempt: 4, downSinceMs: 1_000 }, actions: [{ kind: 'connect' }] },
    ],
    ['waiting', 'closed', over('it was closed')],
  ];
  const follows = new Map(table.map(([state, event, result]) => [`${state} ${event}`, result]));

  const all = Object.keys(states).flatMap((state) =>
    Object.keys(events).map((event) => [state as keyof typeof states, event as keyof typeof events] as const),
  );

  test.each(all)('%s, %s', (state, event) => {
    const result = follow(states[state], events[event]);
    expect(result).toEqual(follows.get(`${state} ${event}`) ?? { state: states[state], actions: [] });
  });

  test('nothing follows an end', () => {
    for (const event of Object.values(events)) expect(follow(states.ended, event).actions).toEqual([]);
  });
});

describe('boots', () => {
  test('the first greeting is no reboot; one with another nonce than the last is', () => {
    expect(follow(states.first, events.greeted, undefined)).toEqual(up);
    expect(follow(states.again, events.greeted, 6).actions).toEqual([
      { kind: 'announce-up', isNewBoot: true },
    ]);
  });

  test('news of the present boot changes nothing', () => {
    expect(follow(states.up, { kind: 'rebooted', bootNonce: 7 }).actions).toEqual([]);
  });
});

describe('pauses', () => {
  test('grow from try to try up to a limit, until the link is given up with what happened last', () => {
    const pausesMs: number[] = [];
    let state: LinkState = follow(states.up, { kind: 'lost', reason: 'unplugged', atMs: 0 }).state;
    let atMs = 0;
    while (state.kind !== 'ended') {
      const refused = follow(state, { kind: 'refused', reason: `Try at ${atMs} ms failed.`, atMs });
      const [action] = refused.actions;
      state = refused.state;
      if (action?.kind !== 'wait') break;
      pausesMs.push(action.forMs);
      atMs += action.forMs;
      state = follow(state, events.waited).state;
    }
    expect(pausesMs.slice(0, 8)).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000]);
    expect(Math.max(...pausesMs)).toBe(2000);
    expect(atMs).toBe(linkPolicy.giveUpMs);
    expect(state).toEqual({
      kind: 'ended',
      reason: 'Try at 60000 ms failed. It was given up after 60 s and 36 attempts.',
    });
  });

  test('a connection that was up begins them anew', () => {
    const lost = follow({ ...states.up }, { kind: 'lost', reason: 'again', atMs: 50_000 });
    expect(lost.state).toMatchObject({ attempt: 1, downSinceMs: 50_000 });
  });
});
