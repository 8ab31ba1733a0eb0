import { expect, test } from 'vitest';
import { readShipped } from '../../../../src/config/experiment-file.ts';
import { NO_CALIBRATION, requestOf } from '../../../../src/daemon/web/start/choices.ts';

const shipped = readShipped('breast-cancer');
const empty = { board: 'left', seed: '', steps: '', policy: '', calibration: '', changes: '' } as const;

test('an empty form asks for the experiment as it is', () => {
  expect(requestOf(shipped, empty)).toEqual({ board: 'left', experiment: shipped, overrides: {} });
});

test('what is filled in takes the place of its own; a policy with settings that do the same to a fresh cell', () => {
  const { experiment, overrides } = requestOf(shipped, {
    ...empty,
    seed: '7',
    steps: '3',
    policy: 'write-verify',
    calibration: 'chip-7',
    changes: '{"method": {"learningRate": 0.2}}',
  });
  expect(experiment).toMatchObject({
    seed: 7,
    method: { steps: 3 },
    policy: { name: 'write-verify' },
    calibration: 'chip-7',
  });
  expect(overrides).toEqual({ method: { learningRate: 0.2 } });
});

test('no calibration removes that of the experiment', () => {
  const { overrides } = requestOf(
    { ...shipped, calibration: 'chip-7' },
    { ...empty, calibration: NO_CALIBRATION },
  );
  expect(overrides).toEqual({ calibration: null });
});

test.each(['{"method":', '[1]', '3', 'null'])('changes %s are refused, with an example', (changes) => {
  expect(() => requestOf(shipped, { ...empty, changes })).toThrow(/JSON object, such as/);
});
