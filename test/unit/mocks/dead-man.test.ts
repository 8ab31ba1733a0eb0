import { expect, test } from 'vitest';
import { encodeFields } from '../../../firmware-protocol/codec.ts';
import { disarm, ping, run } from '../../../firmware-protocol/commands.ts';
import { events } from '../../../firmware-protocol/events.ts';
import { spellLine } from '../../../firmware-protocol/line.ts';
import { armed, request, SET0, SLOT_US } from './armed.ts';

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

test('ALIVE is a good line: a batch that lasts longer than hold_ms is not cut while it comes', () => {
  const { mock, client, hostTime } = armed({ time: 'real', holdMs: 300 });
  const { name, fields } = events.alive;
  const alive = `${spellLine({ kind: 'event', name, fields: encodeFields(fields, {}) })}\n`;
  client.received.length = 0;
  mock.receive(request(90, run, { batch: 1, gapUs: 0, slots: Array.from({ length: 20 }, () => [SET0]) }));
  for (let ms = 0; ms < (20 * SLOT_US) / 1e3 + 10; ms += 200) {
    hostTime.advance(200);
    mock.receive(alive);
  }
  expect(client.received).toEqual([
    expect.stringContaining(`#90 OK batch=1 start_us=0 t_us=${20 * SLOT_US} `),
  ]);
  expect(mock.isArmed).toBe(true);
  expect(client.ask(ping, {}).badLines).toBe(0);
});
