import { expect, test } from 'vitest';
import { disarm, ping, run } from '../../../firmware-protocol/commands.ts';
import { armed, SET0 } from './armed.ts';

test('the board disarms itself, and forgets its waves, when its host falls silent', () => {
  const { mock, client, hostTime, prepare } = armed({ holdMs: 500 });
  hostTime.advance(499);
  expect(mock.isArmed).toBe(true);
  hostTime.advance(10);
  expect(mock.isArmed).toBe(false);
  prepare();
  client.ask(run, { batch: 1, gapUs: 0, slots: [[SET0]] });
});

test('every good line holds it, a bad one does not', () => {
  const { mock, client, hostTime } = armed({ holdMs: 500 });
  for (let i = 0; i < 10; i += 1) {
    hostTime.advance(400);
    client.ask(ping, {});
  }
  expect(mock.isArmed).toBe(true);
  hostTime.advance(400);
  mock.receive('noise\n');
  hostTime.advance(200);
  expect(mock.isArmed).toBe(false);
});

test('it is gone with the arming, and without hold_ms there is none', () => {
  const held = armed({ holdMs: 500 });
  held.client.ask(disarm, {});
  const free = armed();
  held.hostTime.advance(10_000);
  free.hostTime.advance(10_000_000);
  expect([held.mock.isArmed, free.mock.isArmed]).toEqual([false, true]);
});
