import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { devices } from '../../calibration/devices.ts';
import { fitArray } from '../../calibration/fit/fit-array.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import { createChip, presets } from '../../mocks/index.ts';
import { packageRoot } from '../../src/core/package.ts';
import { type Benchmark, number, type Row, text } from './benchmark.ts';

const NODES = 1024;
const POINTS = 200;
const SEED = 1;
const PRESET = 'dam-a-stress';
/** Of which the baseline fits as many as it manages in reasonable time. */
const BASELINE_NODES = 32;
const REPEATS = 5;

const baselines = [
  { model: 'trajectory', fitter: 'scipy curve_fit, the same trajectory' },
  { model: 'differences', fitter: 'scipy curve_fit, differences held for independent' },
] as const;

/** Fits of all nodes of a large array, beside scipy's `curve_fit` on nodes of the same array. */
export const fit: Benchmark = {
  name: 'fit',
  summary: 'time to fit 1,024 nodes of 200 points each',
  run: async (note) => {
    note(`fit: measuring a mock chip of ${NODES} nodes ...`);
    const settings = believed();
    const series = measured();
    note('fit: fnloop ...');
    fitArray(series, settings);
    const timesMs = Array.from({ length: REPEATS }, () => {
      const startedMs = performance.now();
      fitArray(series, settings);
      return performance.now() - startedMs;
    }).sort((one, other) => one - other);
    const ownMs = (timesMs[Math.floor(REPEATS / 2)] ?? Number.NaN) / NODES;
    const rows: Row[] = [rowOf('fnloop, with verdicts, outliers and noise', NODES, ownMs, ownMs)];
    for (const { model, fitter } of baselines) {
      note(`fit: ${fitter} ...`);
      const found = curveFitMs(series.slice(0, BASELINE_NODES), settings, model);
      if (typeof found === 'string') note(`fit: ${found}`);
      else rows.push(rowOf(fitter, BASELINE_NODES, found, ownMs));
    }
    return {
      rows,
      columns: [
        text('fitter', 'fitter'),
        number('nodes', 'nodes', 0),
        number('points each', 'points', 0),
        number('ms a node', 'msPerNode', 3),
        number('1,024 nodes, s', 'allS', 3),
        number('times as long as fnloop', 'timesFnloop', 1),
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
  timesFnloop: msPerNode / ownMs,
});

function believed(): FitSettings {
  const device = devices[PRESET];
  const preset = presets[PRESET];
  if (device === undefined || preset === undefined) throw new Error(`there is no ${PRESET}`);
  const { noiseV, averages, readGain } = preset.adc;
  return {
    start: {
      tunneling: device.tunneling,
      couplingRel: device.couplingFF.value / device.nodeCapacitanceFF.value,
      offsetV: 0,
      temperatureScale: 1,
    },
    readNoiseV: noiseV / Math.sqrt(averages) / readGain,
    nodeCapacitanceFF: device.nodeCapacitanceFF.value,
    offsetSigmaV: device.readOffsetSigmaV,
    validNodeV: device.validNodeV,
  };
}

/** Rests and pulses by turns, S of all cells and then R, each read before and after, until there are enough points. */
function measured(): NodeSeries[] {
  const preset = presets[PRESET];
  if (preset === undefined) throw new Error(`there is no preset ${PRESET}`);
  const cells = NODES / 2;
  const chip = createChip({ preset: PRESET, cells, seed: SEED });
  const { fullScaleV, bits, readGain } = preset.adc;
  const nodeVPerCode = fullScaleV / 2 ** (bits - 1) / readGain;
  const all = Array.from({ length: cells }, (_, cell) => cell);
  const { groupNodes, groupUs } = preset.adc;
  const recorders = Array.from({ length: NODES }, () => ({
    durationS: [] as number[],
    amplitudeV: [] as number[],
    readV: [] as number[],
    atUs: 0,
  }));
  const stage = (node: number, atUs: number, amplitudeV: number, code: number | undefined) => {
    const recorder = recorders[node];
    if (recorder === undefined) return;
    recorder.durationS.push((atUs - recorder.atUs) / 1e6);
    recorder.amplitudeV.push(amplitudeV);
    recorder.readV.push(code === undefined ? Number.NaN : code * nodeVPerCode);
    recorder.atUs = atUs;
  };
  const startOf = (place: number) => Math.floor(place / groupNodes) * groupUs;
  for (let round = 0; (recorders[0]?.readV.filter(Number.isFinite).length ?? 0) < POINTS; round += 1) {
    const readAtUs = chip.timeUs;
    for (const [node, code] of chip.read(all).entries()) stage(node, readAtUs + startOf(node), 0, code);
    chip.restUntil(chip.timeUs + [30_000, 1_000_000, 3_000_000, 100_000, 10_000_000, 30_000_000][round % 6]!);
  }
  return recorders.map(({ durationS, amplitudeV, readV }, node) => ({
    node,
    durationS: Float64Array.from(durationS),
    amplitudeV: Float64Array.from(amplitudeV),
    temperatureK: new Float64Array(durationS.length).fill(300),
    readV: Float64Array.from(readV),
  }));
}
