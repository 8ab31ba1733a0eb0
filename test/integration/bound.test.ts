import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoundComparison } from '../../src/report/bound-comparison.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

type Printed = BoundComparison & { readonly figure: string | null };
const bound = (...parameters: string[]) => fnloopJson<Printed>('bound', ...parameters);

test('without options: the brain scale beside the published band, its OPS named as assumed', async () => {
  const { code, stdout, stderr } = await fnloop('bound');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('bound (matched)');
  expect(stdout).toContain('1.198e9');
  expect(stdout).toContain('with an assumed OPS of 1e28');
  expect(stdout).toContain('a consistency check, never a reproduction');
});

test('GPT-3 as JSON', async () => {
  const { bounds, training } = await bound('--model', 'gpt-3');
  expect(training).toMatchObject({
    parameters: 1.75e11,
    operations: 3.14e23,
    source: expect.stringContaining('arXiv'),
  });
  expect(bounds.landauer.totalJ / 1.44e4).toBeCloseTo(1, 2);
  expect(bounds.matched.totalJ / 3.54e4).toBeCloseTo(1, 2);
  expect(bounds.static.totalJ / 6.14e4).toBeCloseTo(1, 2);
});

test('every option reaches the theory, in SI units', async () => {
  const { assumptions } = await bound(
    ...['--parameters', '1e9', '--ops', '1e15', '--bits', '8', '--temperature', '77K', '--retention', '1d'],
    ...['--training-time', '2h', '--rate-max', '0.5THz', '--rate-ratio', '20', '--exponent', '0.9'],
    ...['--error-rate', '0.01'],
  );
  expect(Object.fromEntries(assumptions.map(({ name, value }) => [name, value]))).toEqual({
    parameters: 1e9,
    operations: 1e15,
    bits: 8,
    temperatureK: 77,
    retentionS: 86_400,
    trainingS: 7200,
    rateMaxPerS: 5e11,
    rateRatio: 20,
    exponent: 0.9,
    errorRate: 0.01,
  });
  expect(assumptions.map(({ provenance }) => provenance)).toEqual(assumptions.map(() => 'given'));
});

test('the figure is one SVG document', async () => {
  const figure = join(temporaryFolder(), 'bounds.svg');
  expect((await bound('--figure', figure)).figure).toBe(figure);
  const svg = readFileSync(figure, 'utf8');
  expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg.match(/<\/svg>/g)).toHaveLength(1);
});

describe('with --run', () => {
  let runs: string;
  beforeAll(async () => {
    runs = mkdtempSync(join(tmpdir(), 'fnloop-runs-'));
    await fnloopJson('train', 'breast-cancer', '--steps', '5', '--runs', runs);
  });
  afterAll(() => rmSync(runs, { recursive: true, force: true }));

  test('the chip stands beside bounds and accelerators, in table, JSON and figure', async () => {
    const figure = join(temporaryFolder(), 'chip.svg');
    const options = ['--run', 'last', '--runs', runs, '--model', 'gpt-3'];
    const { projection } = await bound(...options, '--figure', figure);
    const [cells] = projection?.lines ?? [];
    expect(cells?.perUpdateJ).toBeCloseTo(7.99e-15, 17);
    expect((cells?.totalJ ?? 0) / (7.99e-15 * 3.14e23)).toBeCloseTo(1, 2);
    expect(readFileSync(figure, 'utf8')).toContain('this chip (mock), cells (full-cycle)');
    const { code, stdout } = await fnloop('bound', ...options);
    expect(code).toBe(0);
    for (const words of [
      'this chip, cells (full-cycle)',
      'this chip, cells and read-out',
      'does not average down',
    ])
      expect(stdout).toContain(words);
  });

  test('a run without updates is refused in one sentence', async () => {
    const still = temporaryFolder();
    await fnloopJson('train', 'breast-cancer', '--steps', '1', '--policy', 'none', '--runs', still);
    const { code, stdout, stderr } = await fnloop('bound', '--run', 'last', '--runs', still);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error \(usage\): Run .* has no updates: there is nothing to project\.\n$/);
  });
});

test('bits beyond the converter are a warning, not a refusal', async () => {
  const { code, stdout, stderr } = await fnloop('bound', '--bits', '16', '--converter-bits', '14');
  expect(code).toBe(0);
  expect(stderr).toBe(
    "Warning: 16 bits are more than the converter's 14: no board with it can tell a weight that precisely.\n",
  );
  expect(stdout).toContain('bound (landauer)');
});

test.each([
  ['a negative temperature', ['--temperature', '-5K'], 'Expected an absolute temperature'],
  ['a temperature without unit', ['--temperature', '300'], 'with its unit'],
  ['a retention without unit', ['--retention', '10'], 'Expected a time with its unit'],
  ['a rate without unit', ['--rate-max', '1e12'], 'Expected a rate with its unit'],
  ['OPS below parameters', ['--parameters', '1e15', '--ops', '1e10'], 'expected at least one a parameter'],
  ['half a model', ['--parameters', '1e15'], 'needs both --parameters and --ops'],
  ['two models', ['--model', 'gpt-3', '--ops', '1e28'], 'cannot be used with'],
  ['an unknown model', ['--model', 'gpt-5'], 'Allowed choices are brain-scale'],
  ['a certain error', ['--error-rate', '1'], 'above 0 and below 0.5'],
  ['no bits', ['--bits', '0'], 'Expected a number above 0'],
  ['too many bits', ['--bits', '500'], 'at most 128'],
  ['updates faster than attempts', ['--training-time', '1s'], 'at most the attempt rate'],
  ['a retention shorter than an attempt', ['--rate-max', '1e-9Hz'], 'retentionS'],
])('%s is refused in one sentence', async (_, options, sentence) => {
  const { code, stdout, stderr } = await fnloop('bound', ...options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(sentence);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
