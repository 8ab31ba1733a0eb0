import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunSummary } from '../../src/store/summary.ts';
import { cellParts } from '../../src/store/waterfall.ts';
import { experimentFile } from '../support/experiment-file.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { contentOf } from '../support/run-content.ts';

// Facts of the mock's `dam-a` and of its greeting, written down once more.
const K1_PER_S = 1.2e13;
const K2_V = 300;
const NODE_FF = 1000;
const COUPLING_FF = 200;
const CONVERSION_FJ = 4.1e9;
const NODE_V_PER_CODE = 4 / 2 ** 23 / 0.4;
const AMPLITUDE_V_PER_CODE = (5 / 2 ** 16) * (1 - 480e-6);
const KT_FJ = 4.141947e-6;
/** Eight nodes are converted at a time, in 2.048 ms. */
const conversionsS = (pulses: number) => Math.ceil(pulses / 8) * 2.048e-3;

let runs: string;
let summary: RunSummary;
beforeAll(async () => {
  runs = mkdtempSync(join(tmpdir(), 'fnloop-runs-'));
  summary = await fnloopJson<RunSummary>(
    'train',
    'breast-cancer',
    '--steps',
    '40',
    '--seed',
    '5',
    '--runs',
    runs,
  );
});

afterAll(() => rmSync(runs, { recursive: true, force: true }));

type Numbers<Name extends string> = Readonly<Record<Name, number>>[];

/** Every part from raw codes and the facts above alone. */
async function fromRawCodes(folder: string) {
  const { pulses, waves, readings } = await contentOf(folder);
  const shapes = new Map((waves as Numbers<'wave' | 'width_us' | 'dac_code'>).map((row) => [row.wave, row]));
  const rows = (
    pulses as Numbers<'update_id' | 'intent' | 'slot' | 'cell' | 'wave' | 'before_code' | 'after_code'>
  ).toSorted((one, other) => one.update_id - other.update_id);
  const widthS = (wave: number) => (shapes.get(wave)?.width_us ?? Number.NaN) / 1e6;
  const updatesOf = new Map<number, number>();
  const sums = { bound: 0, tilt: 0, core: 0, drift: 0, drive: 0, reads: 0 };
  for (const { intent, slot, cell, wave, before_code, after_code } of rows) {
    const inSlot = rows.filter((other) => other.intent === intent && other.slot === slot);
    const longestS = Math.max(...inSlot.map((other) => widthS(other.wave)));
    const idleS = conversionsS(inSlot.length) + longestS - widthS(wave);
    const nodeV = before_code * NODE_V_PER_CODE;
    const decayedV = K2_V / Math.log(K1_PER_S * idleS + Math.exp(K2_V / nodeV));
    const fallV = (before_code - after_code) * NODE_V_PER_CODE;
    const pulseV = (shapes.get(wave)?.dac_code ?? Number.NaN) * AMPLITUDE_V_PER_CODE;
    const chargeFC = NODE_FF * (fallV - (nodeV - decayedV));
    const n = (updatesOf.get(cell) ?? 0) + 1;
    updatesOf.set(cell, n);
    sums.bound += KT_FJ * Math.log(n);
    sums.core += chargeFC * nodeV;
    sums.tilt += (chargeFC * pulseV * COUPLING_FF) / NODE_FF;
    sums.drift += NODE_FF * (nodeV - decayedV) * nodeV;
    sums.drive += COUPLING_FF * (1 - COUPLING_FF / NODE_FF) * pulseV ** 2;
    sums.reads += 2 * CONVERSION_FJ;
  }
  sums.reads += 2 * CONVERSION_FJ * (readings?.length ?? 0);
  return sums;
}

test('the parts are those that raw codes and device give, and sum to the measured energy', async () => {
  const { parts, cells, reads, total } = summary.waterfall;
  const raw = await fromRawCodes(dirname(summary.file));
  const within = (value: number | undefined, expected: number) =>
    expect(Math.abs((value ?? Number.NaN) / expected - 1)).toBeLessThan(1e-3);
  within(parts.bound.totalFJ, raw.bound);
  within(parts.excessTilt.totalFJ, raw.tilt - raw.bound);
  within(parts.core.totalFJ, raw.core);
  within(parts.drift.totalFJ, raw.drift);
  within(parts.drive.totalFJ, raw.drive);
  expect(parts.verify.totalFJ).toBe(0);
  const rawCells = raw.tilt + raw.core + raw.drift + raw.drive;
  const shown = cellParts.reduce((sum, name) => sum + parts[name].totalFJ, 0);
  within(shown, rawCells);
  within(cells.total, rawCells);
  within(reads?.totalFJ, raw.reads);
  within(total?.totalFJ, rawCells + raw.reads);
  within((cells.mean ?? 0) * summary.updates, rawCells);
});

test('figures are files of their own: one SVG document each, on white, that says the data is of a mock', async () => {
  const { report, figures } = await fnloopJson<{ report: string; figures: string[] }>(
    ...['runs', 'report', 'last', '--runs', runs],
  );
  expect(report).toBe(summary.report);
  const names = ['accuracy', 'energy', 'ratio', 'waterfall', 'energy-accuracy', 'sizes', 'weights'];
  expect(figures).toEqual(names.map((name) => join(summary.figuresFolder, `${name}.svg`)));
  for (const file of figures) {
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>\n<rect width="100%" height="100%" fill="white"\/>/,
    );
    expect(svg).toContain(`Run ${summary.runId}`);
    expect(svg).toContain('Mock data');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test('the terminal shows the cells, reading and board apart, and no more bounds than a person needs', async () => {
  const { stdout } = await fnloop('runs', 'show', 'last', '--runs', runs);
  for (const row of ['cells in all', 'read-out', 'board', 'bound (matched)', 'other bounds'])
    expect(stdout).toContain(`│ ${row} `);
  expect(stdout).not.toContain('bound (landauer)');
  expect(stdout.trimEnd().split('\n').length).toBeLessThan(20);
});

test('a run without pulses still has a report', async () => {
  const own = temporaryFolder();
  const still = await fnloopJson<RunSummary>(
    ...['train', 'breast-cancer', '--steps', '2', '--policy', 'none', '--runs', own],
  );
  expect(still.waterfall.cells).toEqual({ mean: null, sigma: null, total: 0 });
  expect(readFileSync(still.report, 'utf8')).not.toMatch(/NaN|Infinity/);
});

test('bits of the bounds beyond the converter of the board are a warning', async () => {
  const preset = join(temporaryFolder(), 'coarse.yaml');
  writeFileSync(preset, 'extends: dam-a\nadc: { bits: 20 }\n');
  const experiment = experimentFile({ accounting: { bits: 22 } });
  const options = ['--board', `mock:${preset}`, '--steps', '1', '--runs', temporaryFolder()];
  const { code, stderr } = await fnloop('train', experiment, ...options);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining("Warning: accounting.bits: 22 bits are more than the converter's 20"),
  });
});
