import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeDocument } from '../../../src/config/document.ts';
import { experimentSchema } from '../../../src/config/experiment.ts';
import { readExperiment, shippedExperiments } from '../../../src/config/experiment-file.ts';
import { likeSettings, policySchema } from '../../../src/config/policy.ts';
import { parseAddress } from '../../../src/transport/address.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { wordOf } from '../../support/hostile-documents.ts';

const good = `
board: mock:dam-a
device: dam-a
task: { name: breast-cancer }
model: { name: logistic, weightPerVolt: 100 }
method: { name: gradient, steps: 10, learningRate: 0.3 }
policy: { name: matched, amplitudeV: 0.2236, baseWidthUs: 200000, maxWidthUs: 1000000 }
`;
const decode = (text: string) => decodeDocument(text, 'e.yaml', experimentSchema);
const problemsOf = (text: string): readonly string[] => {
  try {
    decode(text);
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
  return [];
};

describe('an experiment file', () => {
  test('has defaults for what may be left out', () => {
    expect(decode(good)).toMatchObject({
      seed: 1,
      task: { trainFraction: 0.7 },
      accounting: { bits: 14, temperatureK: 300, logRateRatio: 0, exponent: 1 },
    });
  });

  test('lists all its problems at once, with line, path, nearest name, expected and found', () => {
    const text = good
      .replace('steps: 10', 'stepps: 10, batchSize: 0')
      .replace('amplitudeV', 'amplitudV')
      .replace('breast-cancer', 'brest-cancer')
      .replace('weightPerVolt: 100', 'weightPerVolt: a lot')
      .concat('seed: .inf\nsead: 4\naccounting: { temperatureK: -3 }\n');
    expect(problemsOf(text)).toEqual([
      `e.yaml:4: task.name found "brest-cancer"; did you mean 'breast-cancer'?`,
      'e.yaml:5: model.weightPerVolt expected number, found "a lot"',
      'e.yaml:6: method.steps is missing; expected number',
      `e.yaml:6: method.stepps is not a known key; did you mean 'steps'?`,
      'e.yaml:6: method.batchSize expected at least 1, found 0',
      'e.yaml:7: policy.amplitudeV is missing; expected number',
      `e.yaml:7: policy.amplitudV is not a known key; did you mean 'amplitudeV'?`,
      'e.yaml:8: seed expected number, found Infinity',
      `e.yaml:9: sead is not a known key; did you mean 'seed'?`,
      'e.yaml:10: accounting.temperatureK expected more than 0, found -3',
    ]);
  });

  test.each([
    [
      'an unknown policy',
      good.replace('name: matched', 'name: mached'),
      [`e.yaml:7: policy.name found "mached"; did you mean 'matched'?`],
    ],
    [
      'widths in the wrong order',
      good.replace('1000000', '1000'),
      ['e.yaml:7: policy.maxWidthUs expected at least baseWidthUs, found 1000'],
    ],
    [
      'a ladder upside down',
      good.replace(
        'matched, amplitudeV: 0.2236',
        'constant-step, minAmplitudeV: 0.4, maxAmplitudeV: 0.3, stepV: 0',
      ),
      [
        'e.yaml:7: policy.maxAmplitudeV expected at least minAmplitudeV, found 0.3',
        'e.yaml:7: policy.stepV expected more than 0, found 0',
      ],
    ],
    [
      'a loop without rounds',
      good.replace(
        /policy: .*/,
        'policy: { name: write-verify, amplitudeV: 1, widthUs: 1000, maxRounds: 0 }',
      ),
      ['e.yaml:7: policy.maxRounds expected at least 1, found 0'],
    ],
    ['no YAML', 'board: [', [expect.stringMatching(/^e.yaml: .* at line 1/)]],
    ['a list', '- 1', ['e.yaml:1: the document expected object, found [ 1 ]']],
    ['nothing', '', ['e.yaml:1: the document expected object, found null']],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test('has its first 20 problems told, and how many more there are', () => {
    const problems = problemsOf(Array.from({ length: 16_000 }, (_, index) => `${wordOf(index)}:\n`).join(''));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 15,986 more');
    expect(() => decode('a:\n'.repeat(50_000))).toThrow('e.yaml has 1 problem.');
    expect(problemsOf('a:\n'.repeat(50_000))).toEqual([
      'e.yaml: is too long: expected at most 131,072 bytes',
    ]);
    expect(problemsOf(`board: ${'['.repeat(40)}`)).toEqual([
      'e.yaml: is nested more than 32 levels deep at line 1, column 39',
    ]);
  });

  test('is one document, and may be UTF-16 as Windows writes it', () => {
    expect(problemsOf(`---\n${good}---\nseed: 4\n`)).toEqual([
      'e.yaml: has 2 documents: expected one a file',
    ]);
    const file = join(temporaryFolder(), 'utf-16.yaml');
    const read = (bytes: Buffer) => {
      writeFileSync(file, bytes);
      return readExperiment(file);
    };
    expect(read(Buffer.from(`\ufeff${good}`, 'utf16le'))).toEqual(decode(good));
    expect(read(Buffer.from(`\ufeff${good}`, 'utf16le').swap16())).toEqual(decode(good));
    expect(read(Buffer.from(`\ufeff${good}`))).toEqual(decode(good));
    expect(() => read(Buffer.from(good, 'utf16le'))).toThrow(
      expect.objectContaining({ problems: [expect.stringContaining('save it as UTF-8')] }),
    );
    expect(() => read(Buffer.from([0x62, 0xe9, 0x0a]))).toThrow(
      expect.objectContaining({ problems: [`${file} is no text in UTF-8: save it as UTF-8`] }),
    );
    expect(() => readExperiment('/dev/zero')).toThrow(
      expect.objectContaining({ problems: [expect.stringContaining('is too long')] }),
    );
  });

  test('every shipped experiment is valid', () => {
    expect(shippedExperiments()).toContain('breast-cancer');
    for (const name of shippedExperiments()) {
      const { board, device } = readExperiment(name);
      expect(board).toBe(`mock:${device}?cells=64`);
    }
  });

  test('one that is not there is named with its nearest', () => {
    expect(() => readExperiment('brest-cancer')).toThrow(
      expect.objectContaining({
        code: 'file-missing',
        message: expect.stringContaining(`did you mean 'breast-cancer'?`),
      }),
    );
  });
});

describe('settings of one policy for another', () => {
  const matched = {
    name: 'matched',
    amplitudeV: 0.2236,
    baseWidthUs: 200_000,
    maxWidthUs: 1_100_000,
  } as const;
  const widths = { baseWidthUs: 200_000, maxWidthUs: 1_000_000 };

  test('keep what a fresh cell gets: amplitude, base width, and how many bases a step has at most', () => {
    expect(likeSettings(matched, 'constant-step')).toEqual({
      name: 'constant-step',
      minAmplitudeV: 0.2236,
      ...widths,
    });
    const verifying = { name: 'write-verify', amplitudeV: 0.2236, widthUs: 200_000, maxRounds: 5 };
    expect(likeSettings(matched, 'write-verify')).toEqual(verifying);
    expect(likeSettings(matched, 'matched')).toBe(matched);
    expect(likeSettings(matched, 'none')).toEqual({ name: 'none' });
  });

  test('lead back, are valid themselves, and come from none that has no pulses', () => {
    for (const name of ['constant-step', 'write-verify'] as const) {
      const settings = likeSettings(matched, name);
      if (settings === undefined) throw new Error(`none for ${name}`);
      expect(policySchema.parse(settings)).toEqual(settings);
      expect(likeSettings(settings, 'matched')).toEqual({ ...matched, ...widths });
    }
    expect(likeSettings({ name: 'none' }, 'matched')).toBeUndefined();
  });
});

describe('a board address', () => {
  test('names a mock, a serial port or a TCP listener', () => {
    expect(parseAddress('mock:dam-a?cells=64&seed=7&via=pipe')).toMatchObject({
      scheme: 'mock',
      preset: 'dam-a',
      options: { cells: 64, seed: 7, via: 'pipe' },
    });
    expect(parseAddress('serial:/dev/ttyACM0')).toMatchObject({ path: '/dev/ttyACM0', baudRate: 115_200 });
    expect(parseAddress('serial:COM3?baud=9600')).toMatchObject({ path: 'COM3', baudRate: 9600 });
    expect(parseAddress('tcp:127.0.0.1:7000')).toMatchObject({ host: '127.0.0.1', port: 7000 });
  });

  test.each([
    ['/dev/ttyACM0', /is not a board address/],
    ['seral:/dev/ttyACM0', /seral: did you mean 'serial'\?/],
    ['tcp:127.0.0.1', /Expected .*tcp:HOST:PORT/],
    ['tcp:127.0.0.1:70000', /is not a board address/],
    ['mock:', /is not a board address/],
  ])('%s is refused', (text, message) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) }),
    );
  });

  test('its options are checked like a file', () => {
    expect(() => parseAddress('mock:dam-a?cels=64&via=usb')).toThrow(
      expect.objectContaining({
        problems: [
          expect.stringContaining('via found "usb"; expected one of pty, pipe, tcp'),
          `cels is not a known key; did you mean 'cells'?`,
        ],
      }),
    );
  });
});
