import { expect, test } from 'vitest';
import { FnloopError } from '../../../../src/core/errors.ts';
import { createNotices } from '../../../../src/daemon/web/notices.ts';
import { type SafeParts, SafePresses } from '../../../../src/daemon/web/safe-presses.ts';

interface Asked {
  readonly board: string;
  readonly over: AbortSignal;
  readonly answer: () => void;
  readonly refuse: (error: Error) => void;
}

/** Presses whose answers the test gives. */
function presses(parts: Partial<SafeParts> = {}) {
  const asked: Asked[] = [];
  const notices = createNotices();
  const wanted: string[] = [];
  const safe = new SafePresses({
    notices,
    makeSafe: (board, over) =>
      new Promise((resolve, refuse) => {
        asked.push({ board, over, answer: () => resolve(undefined), refuse });
        over.addEventListener('abort', () => refuse(new FnloopError('interrupted', 'Interrupted.')));
      }),
    boardNames: async () => ['left', 'right'],
    addressOf: () => 'tcp:127.0.0.1:7000',
    onTokenNeeded: (sentence) => void wanted.push(sentence),
    ...parts,
  });
  return { safe, asked, wanted, told: () => notices.all.value };
}

test('each press is asked at once, whatever became of those before it, and few are open', () => {
  const { safe, asked } = presses();
  for (let press = 0; press < 10; press += 1) safe.press('left');
  safe.press('right');
  expect(asked.map(({ board }) => board)).toEqual([...Array(10).fill('left'), 'right']);
  expect(asked.filter(({ over }) => !over.aborted).length).toBe(3);
});

test('the answer to a press stands for those before it, and is told once', async () => {
  const { safe, asked, told } = presses();
  safe.press('left');
  safe.press('left');
  asked[1]?.answer();
  await expect.poll(() => safe.open.value).toEqual([]);
  expect(asked[0]?.over.aborted).toBe(true);
  expect(told().map(({ text }) => text)).toEqual([
    expect.stringMatching(/^left: outputs at rest, disarmed, confirmed after \d\.\d\d s$/),
  ]);
});

test('it is tried again where nobody answers or a board is away, and says meanwhile that it is not confirmed', async () => {
  const { safe, asked, told } = presses();
  safe.press('left');
  asked[0]?.refuse(new FnloopError('daemon-unavailable', 'No daemon answers.'));
  await expect.poll(() => asked.length).toBe(2);
  expect(safe.open.value).toMatchObject([{ name: 'left', reason: 'No daemon answers.' }]);
  asked[1]?.refuse(new FnloopError('link-lost', 'The board is away.'));
  await expect.poll(() => asked.length).toBe(3);
  expect(told()).toEqual([]);
  asked[2]?.answer();
  await expect.poll(() => told().length).toBe(1);
});

test.each([
  'not-allowed',
  'token-needed',
  'not-found',
] as const)('%s is final, and told with what to do', async (code) => {
  const { safe, asked, told, wanted } = presses();
  safe.press('left');
  asked[0]?.refuse(new FnloopError(code, 'No.'));
  await expect.poll(told).toMatchObject([
    {
      isFault: true,
      text: 'SAFE left was NOT confirmed: No. At the bench, run fnloop safe --board tcp:127.0.0.1:7000, or switch the supply off.',
    },
  ]);
  expect(asked.length).toBe(1);
  expect(wanted).toEqual(code === 'token-needed' ? ['No.'] : []);
});

test('all are those that are known, or else those that the daemon names', async () => {
  const { safe, asked } = presses();
  safe.pressAll(['one', 'two']);
  expect(asked.map(({ board }) => board)).toEqual(['one', 'two']);
  safe.pressAll([]);
  await expect.poll(() => asked.map(({ board }) => board)).toEqual(['one', 'two', 'left', 'right']);
});

test('what went wrong stays while much goes well', () => {
  const notices = createNotices();
  for (let at = 0; at < 8; at += 1) notices.fault(`bad ${at}`);
  for (let at = 0; at < 20; at += 1) notices.done(`good ${at}`);
  const all = notices.all.value;
  expect(all.filter(({ isFault }) => isFault).length).toBe(8);
  expect(all.filter(({ isFault }) => !isFault).map(({ text }) => text)).toEqual(
    [15, 16, 17, 18, 19].map((at) => `good ${at}`),
  );
});
