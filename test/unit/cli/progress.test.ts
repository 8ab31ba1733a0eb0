import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { soakProgress } from '../../../src/cli/progress.ts';
import { standingText, watched } from '../../../src/cli/shipping-watch.ts';
import type { Standing } from '../../../src/influx/shipper.ts';

/** A terminal that keeps what is written to it. */
function terminal(): { stream: NodeJS.WriteStream; shown: () => string } {
  let shown = '';
  const stream = new PassThrough();
  stream.on('data', (part: Buffer) => {
    shown += part.toString();
  });
  const asTerminal = Object.assign(stream, { isTTY: true, columns: 200 });
  return { stream: asTerminal as unknown as NodeJS.WriteStream, shown: () => shown };
}

test('how shipping stands is said in words', () => {
  expect(standingText({ waiting: 12_400, awayMs: 40_200 })).toBe(
    'influx: 12,400 rows wait, database away since 40 s',
  );
  expect(standingText({ waiting: 1, awayMs: null })).toBe('influx: 1 row waits');
});

test('the line of progress shows the backlog while the run does nothing, and no longer than the run', async () => {
  const standings: Standing[] = [{ waiting: 7, awayMs: 3000 }];
  let asked = 0;
  const shipping = {
    standing: async () => {
      asked += 1;
      return standings.shift() ?? { waiting: 0, awayMs: null };
    },
  };
  const { stream, shown } = terminal();
  const { reach, stop } = soakProgress(100, stream, watched(shipping));
  reach(10);
  await sleep(2300);
  expect(shown()).toContain('influx: 7 rows wait, database away since 3 s');
  expect(shown()).toContain('influx: 0 rows wait');
  stop();
  const askedBefore = asked;
  await sleep(1200);
  expect(asked).toBe(askedBefore);
});

test('a run that is not shipped shows its progress alone', () => {
  const { stream, shown } = terminal();
  const { reach, stop } = soakProgress(100, stream, watched(undefined));
  reach(10);
  stop();
  expect(shown()).toContain('update 10/100');
  expect(shown()).not.toContain('influx');
});
