import { expect, test } from 'vitest';
import { PostSize } from '../../../src/influx/post-size.ts';

const repeat = (times: number, what: () => void) => {
  for (let time = 0; time < times; time += 1) what();
};

test('halves with each failure down to one text, and comes back while a server stores', () => {
  const size = new PostSize();
  const most = size.texts;
  size.failed();
  expect(size.texts).toBe(most / 2);
  repeat(20, () => size.failed());
  expect(size.texts).toBe(1);
  repeat(3, () => size.stored());
  expect(size.texts).toBe(1);
  size.stored();
  expect(size.texts).toBe(2);
  // What comes between failures does not add up.
  repeat(3, () => size.stored());
  size.failed();
  repeat(3, () => size.stored());
  expect(size.texts).toBe(1);
  repeat(100, () => size.stored());
  expect(size.texts).toBe(most);
});

test('what is too large is never tried again', () => {
  const size = new PostSize();
  size.tooLarge(16);
  expect(size.texts).toBe(8);
  repeat(100, () => size.stored());
  expect(size.texts).toBe(8);
  size.tooLarge(1);
  expect(size.texts).toBe(1);
});
