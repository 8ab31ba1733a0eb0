import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Action } from '../../calibration/design/measurement-plan.ts';
import { fitArray } from '../../calibration/fit/fit-array.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import { createChip } from '../../mocks/index.ts';
import { packageRoot } from '../../src/core/package.ts';
import { believedOf, measure } from '../support/chip-measurement.ts';
import { type Benchmark, number, type Row, text } from './benchmark.ts';

const NODES = 1024;
const POINTS = 200;
const PRESET = 'dam-a-stress';
/** The baseline fits so many of them: it takes its time. */
const BASELINE_NODES = 64;
const REPEATS = 5;

/** Each gives a node three readings, or one. */
const actions = Array.from({ length: POINTS / 2 }, (_, round): Action => {
  if (round % 5 === 4) return { kind: 'rest', durationS: [1, 3, 10, 30][round % 4] ?? 1 };
  return { kind: 'pulse', amplitudeV: 1 + (round % 5), widthS: [0.01, 0.05, 0.2][round % 3] ?? 0.05 };
});

const baselines = [
  { model: 'trajectory', fitter: 'scipy curve_fit: the trajectory' },
  { model: 'differences', fitter: 'scipy curve_fit: differences, held for independent' },
] as const;

/** Fits of all nodes of a large array, beside scipy's `curve_fit` on nodes of the same array. */
export const fit: Benchmark = {
  name: 'fit',
  summary: 'time to fit 1,024 nodes of 200 points each, on one core',
  run: async (note) => {
    note(`fit: measuring a mock chip of ${NODES} nodes ...`);
    const chip = createChip({ preset: PRESET, cells: NODES / 2, seed: 1 });
    const believed = believedOf(chip, PRESET);
    const series = measure(chip, actions, believed.dacGain).map(cut);
    const ownMs = Array.from({ length: REPEATS }, () => {
      note('fit: fnloop ...');
      const startedMs = performance.now();
      fitArray(series, believed);
      return performance.now() - startedMs;
    });
    const median = ownMs.sort((one, other) => one - other)[Math.floor(REPEATS / 2)] ?? Number.NaN;
    const own = median / NODES;
    const rows: Row[] = [rowOf('fnloop: with noise, outliers and verdicts', NODES, own, own)];
    for (const { model, fitter } of baselines) {
      note(`fit: ${fitter} ...`);
      const found = curveFitMs(series.slice(0, BASELINE_NODES), believed, model);
      if (typeof found === 'string') note(`fit: left out, ${found}`);
      else rows.push(rowOf(fitter, BASELINE_NODES, found, own));
    }
    return {
      rows,
      columns: [
        text('fitter', 'fitter'),
        number('nodes', 'nodes', 0),
        number('points each', 'points', 0),
        number('ms a node', 'msPerNode', 3),
        number('1,024 nodes, s', 'allS', 3),
        number('fnloop is faster, times', 'timesSlower', 1),
      ],
    };
  },
};

const rowOf = (fitter: string, nodes: number, msPerNode: number, ownMs: number): Row => ({
  fitter,
  nodes,
  points: POINTS,
  msPerNode,
  allS: (msPerNode * NODES) / 1e3,
  timesSlower: msPerNode / ownMs,
});

/** The series up to so many readings. */
function cut({ node, durationS, amplitudeV, temperatureK, readV }: NodeSeries): NodeSeries {
  let stages = 0;
  for (let points = 0; points < POINTS && stages < readV.length; stages += 1)
    if (Number.isFinite(readV[stages])) points += 1;
  return {
    node,
    durationS: durationS.slice(0, stages),
    amplitudeV: amplitudeV.slice(0, stages),
    temperatureK: temperatureK.slice(0, stages),
    readV: readV.slice(0, stages),
  };
}

/** Median time of a fit by scipy, ms; or why there is none. */
function curveFitMs(
  series: readonly NodeSeries[],
  { start, readNoiseV, offsetSigmaV }: FitSettings,
  model: string,
): number | string {
  const input = JSON.stringify({
    model,
    start: [start.tunneling.k1PerS, start.tunneling.k2V, start.couplingRel],
    readNoiseV,
    offsetSigmaV,
    nodes: series.map(({ durationS, amplitudeV, readV }) => ({
      durationS: [...durationS],
      amplitudeV: [...amplitudeV],
      readV: Array.from(readV, (nodeV) => (Number.isFinite(nodeV) ? nodeV : null)),
    })),
  });
  const script = join(packageRoot, 'test', 'bench', 'curve-fit.py');
  const { status, stdout, stderr, error } = spawnSync('python3', [script], { input, encoding: 'utf8' });
  if (error !== undefined || status !== 0)
    return `python3 with scipy is needed (apt-get install python3-scipy): ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
  return Number(stdout);
}
