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
  expect(problemsOf('mock:dam-a?faults=corrupt&time=slow&baud=1&jitterMs=-1&skewPm=3')).toEqual([
    'faults expected NAME:VALUE,NAME:VALUE, found "corrupt"',
    'time found "slow"; expected one of virtual, real',
    'baud expected at least 9600, found "1"',
    'jitterMs expected at least 0, found "-1"',
    "skewPm is not a known key; did you mean 'skewPpm'?",
  ]);
});
