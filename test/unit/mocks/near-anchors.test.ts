import { expect, test } from 'vitest';
import { expm1Near, log1pNear, NearExp, NearLog } from '../../../mocks/near-anchors.ts';
import { uniformStream } from '../../../mocks/random.ts';

const LAST_BITS = 5e-16;

test('series and anchors are as exact as the functions that they stand for', () => {
  const draw = uniformStream(1, 'shot');
  const logs = new NearLog(2);
  const exps = new NearExp(2);
  let w = 1e15;
  const worst = { log1p: 0, expm1: 0, log: 0, otherLog: 0, exp: 0 };
  const note = (name: keyof typeof worst, found: number, expected: number) => {
    worst[name] = Math.max(worst[name], Math.abs(found / expected - 1));
  };
  for (let index = 0; index < 100_000; index += 1) {
    const x = (draw() - 0.5) * 10 ** (-6 * draw());
    note('log1p', log1pNear(x), Math.log1p(x));
    note('expm1', expm1Near(x), Math.expm1(x));
    // Small steps, and now and then a jump; another index in between has an anchor of its own.
    w *= draw() < 0.01 ? 0.5 + draw() : 1 + 0.004 * (draw() - 0.5);
    if (w < 1e10) w = 1e20;
    note('log', logs.of(0, w), Math.log(w));
    note('otherLog', logs.of(1, 7 + x), Math.log(7 + x));
    note('exp', exps.of(0, -Math.log(w)), Math.exp(-Math.log(w)));
  }
  for (const [name, error] of Object.entries(worst)) expect(error, name).toBeLessThan(LAST_BITS);
  expect([log1pNear(0), expm1Near(0), log1pNear(1e-300)]).toEqual([0, 0, 1e-300]);
});
