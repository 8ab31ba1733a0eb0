import { expect, test } from 'vitest';
import { seededRandom, shuffled } from '../../../src/core/random.ts';

const draws = (seed: number, purpose: string) => {
  const random = seededRandom(seed, purpose);
  return Array.from({ length: 20 }, () => random.integer(1000));
};

test('seed and purpose decide the draws, and no two of them share any', () => {
  expect(draws(1, 'split')).toEqual(draws(1, 'split'));
  const streams = Array.from({ length: 50 }, (_, seed) => [
    draws(seed, 'split'),
    draws(seed, 'data-order'),
  ]).flat();
  expect(new Set(streams.map(String)).size).toBe(100);
});

test('a source goes on from its state', () => {
  const whole = seededRandom(3, 'order');
  const first = seededRandom(3, 'order');
  for (let draw = 0; draw < 7; draw += 1) expect(first.integer(1000)).toBe(whole.integer(1000));
  const second = seededRandom(3, 'order', JSON.parse(JSON.stringify(first.state)));
  for (let draw = 0; draw < 7; draw += 1) expect(second.integer(1000)).toBe(whole.integer(1000));
});

test('a shuffle keeps every item and puts each anywhere alike', () => {
  const random = seededRandom(1, 'shuffle');
  const places = [0, 0, 0, 0];
  for (let i = 0; i < 8000; i += 1) {
    const order = shuffled([0, 1, 2, 3], random);
    expect([...order].sort()).toEqual([0, 1, 2, 3]);
    places[order.indexOf(0)] = (places[order.indexOf(0)] ?? 0) + 1;
  }
  for (const count of places) expect(Math.abs(count - 2000)).toBeLessThan(200);
});
