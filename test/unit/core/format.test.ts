import { expect, test } from 'vitest';
import { numberWithSigma, percent, plain, quantity, withSigma } from '../../../src/core/format.ts';

test('quantities carry an SI prefix', () => {
  expect(quantity(16_300, 'fJ')).toBe('16.3 pJ');
  expect(quantity(8, 'fJ')).toBe('8.00 fJ');
  expect(quantity(14.7, 'zJ')).toBe('14.7 zJ');
  expect(quantity(0, 'fJ')).toBe('0.00 J');
  expect(quantity(null, 's')).toBe('-');
});

test('a sigma keeps two digits under the prefix of its value', () => {
  expect(withSigma(7.9912, 0.1265, 'fJ')).toBe('7.99 ± 0.13 fJ');
  expect(withSigma(0.4492, 0.009, 'fC')).toBe('449.2 ± 9.0 aC');
  expect(withSigma(0, 0.5, 'fJ')).toBe('0 ± 500 aJ');
  expect(withSigma(1234, 12, 'fJ')).toBe('1.234 ± 0.012 pJ');
  expect(withSigma(null, null, 'fJ')).toBe('-');
});

test('numbers without unit', () => {
  expect(numberWithSigma(542_156, 8580)).toBe('(5.422 ± 0.086)e5');
  expect(numberWithSigma(12.34, 1.06)).toBe('12.3 ± 1.1');
  expect(plain(1.2e13)).toBe('1.20e+13');
  expect(plain(300)).toBe('300');
  expect(percent(0.9766)).toBe('97.7 %');
});
