import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { createMockBoard, MockBoard, servePty, serveTcp } from '../../mocks/index.ts';
import { presets } from '../../mocks/presets.ts';
import { readExperiment } from '../../src/config/experiment-file.ts';
import { fnloop, startFnloop, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

const train = (...parameters: string[]) => fnloop('train', ...parameters, '--runs', temporaryFolder());

/** An experiment file made from the shipped one by a change. */
function experimentFile(change: (experiment: Record<string, Record<string, unknown>>) => void): string {
  const path = join(temporaryFolder(), 'experiment.yaml');
  const experiment = structuredClone(readExperiment('breast-cancer')) as unknown as Record<
    string,
    Record<string, unknown>
  >;
  change(experiment);
  writeFileSync(path, stringify(experiment));
  return path;
}

describe('one clear error and an exit status of its own', () => {
  test('misspelled keys: all at once, with line and nearest name', async () => {
    const path = experimentFile((experiment) => {
      experiment['tesk'] = experiment['task'] ?? {};
      delete experiment['task'];
      Object.assign(experiment['method'] ?? {}, { learnigRate: 1, learningRate: 'fast' });
    });
    const { code, stderr } = await train(path);
    expect(code).toBe(2);
    expect(stderr).toContain('has 4 problems.');
    expect(stderr).toContain('task is missing; expected object');
    expect(stderr).toContain(`method.learningRate expected number, found "fast"`);
    expect(stderr).toContain(`method.learnigRate is not a known key; did you mean 'learningRate'?`);
    expect(stderr).toMatch(/experiment\.yaml:\d+: tesk is not a known key; did you mean 'task'\?/);
  });

  test.each([
    [
      'a file that is not there',
      ['missing.yaml'],
      2,
      "There is no file 'missing.yaml' and no shipped experiment of that name",
    ],
    [
      'an option out of range',
      ['breast-cancer', '--steps', '0'],
      2,
      'Expected a whole number from 1 to 1000000.',
    ],
    [
      'an unknown policy',
      ['breast-cancer', '--policy', 'greedy'],
      2,
      'Allowed choices are matched, constant-step, write-verify, none.',
    ],
    ['an unknown option', ['breast-cancer', '--sede', '1'], 2, '(Did you mean --seed?)'],
    ['no board address', ['breast-cancer', '--board', 'usb0'], 2, "'usb0' is not a board address."],
    [
      'an unknown preset',
      ['breast-cancer', '--board', 'mock:dam-z'],
      2,
      "there is no preset 'dam-z', expected one of dam-a",
    ],
    [
      'a port that does not exist',
      ['breast-cancer', '--board', 'serial:/dev/ttyNONE7'],
      3,
      'There is no serial port /dev/ttyNONE7',
    ],
    [
      'a port that is no port',
      ['breast-cancer', '--board', 'serial:/dev/null'],
      3,
      'Cannot open the serial port /dev/null',
    ],
    ['nobody listening', ['breast-cancer', '--board', 'tcp:127.0.0.1:9'], 3, 'Cannot connect to 127.0.0.1:9'],
    [
      'too few cells',
      ['breast-cancer', '--board', 'mock:dam-a?cells=16'],
      4,
      'Task breast-cancer has 31 weights, but board dam-a:1 has 16 cells.',
    ],
  ])('%s', async (_, parameters, exitCode, message) => {
    const { code, stderr, stdout } = await train(...parameters);
    expect(stderr).toContain(message);
    expect(code).toBe(exitCode);
    expect(stdout).toBe('');
    expect(stderr).not.toContain('at file:');
  });

  test('an amplitude beyond the board', async () => {
    const { code, stderr } = await train(
      experimentFile((experiment) => Object.assign(experiment['policy'] ?? {}, { amplitudeV: 6 })),
    );
    expect(code).toBe(4);
    expect(stderr).toContain(
      'error (limit-exceeded): A pulse amplitude of 6 V is beyond board dam-a:1, which takes 0.2 to 5 V. Nothing was sent.',
    );
  });

  test.each([
    ['an alias that leads nowhere', 'board: *x\n', 'unidentified alias "x"'],
    ['an alias of itself', '&a board: &b [*b]\n', 'is nested more than 32 levels deep'],
    ['waves without end', undefined, 'policy.maxWidthUs expected at most 128 times baseWidthUs'],
  ])('%s', async (_, text, message) => {
    const path = experimentFile((experiment) =>
      Object.assign(experiment['policy'] ?? {}, { baseWidthUs: 1 }),
    );
    if (text !== undefined) writeFileSync(path, text);
    const { code, stderr } = await train(path);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test('energies below their bound: a fault of the measurement, said in the report too', async () => {
    const path = experimentFile((experiment) => {
      Object.assign(experiment['accounting'] ?? {}, { logRateRatio: 1e7 });
      Object.assign(experiment['method'] ?? {}, { steps: 3 });
    });
    const { code, stderr, stdout } = await fnloop('train', path, '--runs', temporaryFolder(), '--json');
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /error \(below-bound\): Run .* measured energies below their lower bounds\.\n {2}energy \(full-cycle\)/,
    );
    const { report, ratio, faults } = JSON.parse(stdout);
    expect(ratio).toMatchObject({ value: null, reason: expect.stringContaining('at fault') });
    expect(faults).toHaveLength(3);
    expect(readFileSync(report, 'utf8')).toContain('Fault of the measurement: energy (full-cycle)');
  });

  test('a run folder that cannot be written', async () => {
    const taken = join(temporaryFolder(), 'taken');
    writeFileSync(taken, '');
    const { code, stderr } = await fnloop('train', 'breast-cancer', '--runs', taken);
    expect(code).toBe(5);
    expect(stderr).toContain('error (record-failed): Cannot create the run folder');
  });

  test('a port that another program holds', async () => {
    const path = join(temporaryFolder(), 'board');
    const { ready } = await startMock('--pty', path);
    const first = startFnloop(
      'train',
      'breast-cancer',
      '--board',
      ready.address,
      '--runs',
      temporaryFolder(),
    );
    if (first.child.stderr === null) throw new Error('no stderr');
    await once(first.child.stderr, 'data');
    const { code, stderr } = await fnloop('info', '--board', ready.address);
    expect(stderr).toContain(`error (port-busy): Another program holds the serial port ${path}.`);
    expect(code).toBe(3);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
  });

  test('a port without a board', async () => {
    const { path, close } = await servePty({ receive: () => {}, onSend: () => {} });
    onTestFinished(close);
    const { code, stderr } = await train('breast-cancer', '--board', `serial:${path}`);
    expect(code).toBe(3);
    expect(stderr).toContain(
      `error (no-reply): No FNP board answers HELLO at serial:${path}: nothing was heard.`,
    );
  });

  test('a board of another major version', async () => {
    const preset = presets['dam-a'];
    if (preset === undefined) throw new Error('dam-a is gone');
    const mock = new MockBoard({
      preset,
      boardId: 'b2',
      cells: 64,
      seed: 1,
      noise: true,
      mismatch: true,
      protocolVersion: '2.0',
    });
    const { port, close } = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
    onTestFinished(close);
    const { code, stderr } = await train('breast-cancer', '--board', `tcp:127.0.0.1:${port}`);
    expect(code).toBe(3);
    expect(stderr).toContain('speaks FNP version 2.0, this fnloop speaks 1.1');
  });

  test('a chip that is not programmed', async () => {
    const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
    mock.elapse(3e9);
    const { port, close } = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
    onTestFinished(close);
    const { code, stderr } = await train('breast-cancer', '--board', `tcp:127.0.0.1:${port}`);
    expect(code).toBe(4);
    expect(stderr).toMatch(/error \(chip-unfit\): .*too little to tell the sign of the weight/);
    expect(mock.isArmed).toBe(false);
  });

  test('a mock with nowhere to be, or somewhere taken', async () => {
    expect(await fnloop('mock')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--pty PATH or --tcp HOST:PORT'),
    });
    const path = join(temporaryFolder(), 'taken');
    writeFileSync(path, '');
    expect(await fnloop('mock', '--pty', path)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('EEXIST'),
    });
  });
});
