import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/transport/address.ts';

const problemsOf = (text: string): readonly string[] => {
  try {
    parseAddress(text);
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
  return [];
};

test('a mock address says how the mock runs and misbehaves', () => {
  const text = 'mock:dam-a?faults=corrupt:0.01,drop:0.005&time=real&baud=115200&skewPpm=-40&jitterMs=2.5';
  expect(parseAddress(text)).toMatchObject({
    options: {
      faults: 'corrupt:0.01,drop:0.005',
      time: 'real',
      baud: 115_200,
      skewPpm: -40,
      jitterMs: 2.5,
    },
  });
});

test('and each option that cannot be is named', () => {
  expect(problemsOf('mock:dam-a?time=slow&baud=1&jitterMs=-1&skewPm=3')).toEqual([
    'time found "slow"; expected one of virtual, real',
    'baud expected at least 9600, found "1"',
    'jitterMs expected at least 0, found "-1"',
    "skewPm is not a known key; did you mean 'skewPpm'?",
  ]);
});

test('a replay address names a file', () => {
  expect(parseAddress('replay:runs/2026/wire.log')).toEqual({
    scheme: 'replay',
    text: 'replay:runs/2026/wire.log',
    file: 'runs/2026/wire.log',
  });
});

const FORMS = 'Expected mock:PRESET?cells=N&seed=N, serial:PATH?baud=N, tcp:HOST:PORT or replay:FILE.';

test.each([
  ['usb0', ''],
  ['/dev/ttyACM0', ''],
  ['replay:', ''],
  ['replay:wire.log?speed=2', ''],
  ['tcp:localhost', ''],
  ['reply:wire.log', " (reply: did you mean 'replay'?)"],
  ['usb:0', ' (usb: expected one of mock, serial, tcp, replay)'],
])('%s is no address, and the message says which there are', (text, hint) => {
  expect(() => parseAddress(text)).toThrow(
    expect.objectContaining({
      code: 'config-invalid',
      message: `'${text}' is not a board address${hint}. ${FORMS}`,
    }),
  );
});
