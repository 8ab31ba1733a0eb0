import type { Action } from '../../calibration/design/measurement-plan.ts';
import { devices } from '../../calibration/devices.ts';
import { electronV } from '../../calibration/fit/node-filter.ts';
import type { NodeFit } from '../../calibration/fit/node-fit.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import { predictDrop } from '../../calibration/fit/predict.ts';
import { convertersOf } from '../board/converters.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { Calibration } from '../chip/calibration.ts';
import { FnloopError } from '../core/errors.ts';
import { seriesOf } from './array-points.ts';
import { shapeOf } from './calibration-plan.ts';
import type { MeasurementSteps } from './measurement.ts';
import { type RunSource, recordOf } from './run-record.ts';
import { pointsOf } from './stages.ts';

/** How one node fell while it was watched, beside what its calibration expects. */
export interface CheckedFall {
  readonly node: number;
  readonly isPulse: boolean;
  readonly foundV: number;
  readonly expectedV: number;
  readonly sigmaV: number;
}

/** Whether a calibration still predicts what its chip does. */
export interface CheckResult {
  readonly nodes: number;
  readonly falls: number;
  readonly chi2: number;
  /** How far chi square is above the number of falls, in its standard deviations. */
  readonly chi2Z: number;
  /** Falls beyond three sigmas, how many would be by chance, and the probability of so many. */
  readonly beyond: number;
  readonly beyondExpected: number;
  readonly beyondProbability: number;
  /** Median of found over expected, of rests and of pulses: what the chip does more or less of. */
  readonly restRatio: number;
  readonly pulseRatio: number;
  /** Nodes with a fall beyond three sigmas, the worst first. */
  readonly worst: readonly CheckedFall[];
  readonly holds: boolean;
}

const RESTS_S = [5, 10] as const;
const PULSE = { amplitudeV: 3, widthS: 0.05 };
const MANY_SIGMAS = 3;
/** Of a normal distribution beyond three sigmas. */
const BEYOND = 0.0026998;
/** A calibration that holds is called stale once in so many checks, for each of the two tests. */
const LEAST_PROBABILITY = 1e-4;
const MOST_CHI2_Z = 3.72;
const MOST_WORST = 8;

/** Cells that a calibration lets be used: both nodes good. */
export function goodNodes({ nodes }: Calibration): number[] {
  const good = new Set(nodes.flatMap(({ node, verdict }) => (verdict === 'good' ? [node] : [])));
  return [...good].filter((node) => good.has(node ^ 1));
}

/** A rest, a pulse on each node of the good cells, a rest. */
export function checkSteps(calibration: Calibration, board: BoardIdentity): MeasurementSteps {
  const amplitudeV = Math.min(PULSE.amplitudeV, board.maxAmplitudeV);
  const widthS = Math.min(Math.max(PULSE.widthS, board.minWidthUs / 1e6), board.maxWidthUs / 1e6);
  const pulse: Extract<Action, { kind: 'pulse' }> = { kind: 'pulse', amplitudeV, widthS };
  const [firstS, secondS] = RESTS_S;
  return {
    actions: [{ kind: 'rest', durationS: firstS }, pulse, { kind: 'rest', durationS: secondS }],
    waves: [{ wave: 0, ...shapeOf(pulse) }],
    signWave: 0,
    nodes: goodNodes(calibration),
  };
}

/** Compares what a check recorded with what the calibration says. Throws `chip-unfit` where there was nothing to compare. */
export async function judgeCheck(run: RunSource, calibration: Calibration): Promise<CheckResult> {
  const record = await recordOf(run, calibration.weightSign);
  const device = devices[calibration.device];
  if (device === undefined)
    throw new FnloopError('invariant', `Device ${calibration.device} passed the schema but is unknown.`);
  const good = new Set(goodNodes(calibration));
  const fits = new Map(calibration.nodes.map(({ node, fit }) => [node, fit]));
  const noise = {
    readNoiseV: calibration.readNoiseV,
    electronV: electronV(calibration.given.nodeCapacitanceFF),
  };
  const falls = pointsOf([record]).flatMap((points) => {
    const fit = fits.get(points.node);
    if (!good.has(points.node) || fit === null || fit === undefined) return [];
    const series = seriesOf(points, convertersOf(record.board), calibration.given.dacGain);
    return checkedFalls(series, fit, noise);
  });
  if (falls.length === 0) {
    throw new FnloopError(
      'chip-unfit',
      `Board ${record.board.boardId} restarted, or read nothing, throughout the check: there is nothing to compare.`,
    );
  }
  return judged(falls);
}

interface Noise {
  readonly readNoiseV: number;
  readonly electronV: number;
}

/** A rest of less, between readings made for other reasons, is none of the check's. */
const LEAST_REST_S = 4;

/** Rests and pulses of a node, each between two readings that no other of them shares. */
function checkedFalls(
  series: NodeSeries,
  fit: NodeFit,
  { readNoiseV, electronV: perElectronV }: Noise,
): CheckedFall[] {
  const { node, durationS, amplitudeV, temperatureK, readV } = series;
  const falls: CheckedFall[] = [];
  let fromV = Number.NaN;
  let nodeV = Number.NaN;
  let sigmaV = 0;
  let restS = 0;
  let isPulse = false;
  for (let stage = 0; stage < durationS.length; stage += 1) {
    const widthS = durationS[stage] ?? Number.NaN;
    const pulse = {
      nodeV,
      amplitudeV: amplitudeV[stage] ?? 0,
      widthS,
      temperatureK: temperatureK[stage] ?? Number.NaN,
    };
    if (Number.isNaN(widthS)) fromV = Number.NaN;
    else if (!Number.isNaN(fromV)) {
      const predicted = predictDrop(fit, pulse);
      nodeV -= predicted.dropV;
      // Both parts lean on the same parameters: their errors add.
      sigmaV += predicted.sigmaV;
      restS += widthS;
      isPulse ||= pulse.amplitudeV > 0;
    }
    const readNowV = readV[stage] ?? Number.NaN;
    if (!Number.isFinite(readNowV)) continue;
    if (!Number.isNaN(fromV) && (isPulse || restS >= LEAST_REST_S)) {
      const expectedV = fromV - nodeV;
      const variance = 2 * readNoiseV ** 2 + sigmaV ** 2 + perElectronV * Math.max(0, expectedV);
      falls.push({ node, isPulse, foundV: fromV - readNowV, expectedV, sigmaV: Math.sqrt(variance) });
    }
    fromV = readNowV;
    nodeV = readNowV;
    sigmaV = 0;
    restS = 0;
    isPulse = false;
  }
  return falls;
}

const sigmasOf = ({ foundV, expectedV, sigmaV }: CheckedFall): number => (foundV - expectedV) / sigmaV;

function judged(falls: readonly CheckedFall[]): CheckResult {
  const chi2 = falls.reduce((sum, fall) => sum + sigmasOf(fall) ** 2, 0);
  const chi2Z = (chi2 - falls.length) / Math.sqrt(2 * falls.length);
  const beyond = falls.filter((fall) => Math.abs(sigmasOf(fall)) > MANY_SIGMAS);
  const beyondProbability = atLeast(beyond.length, falls.length, BEYOND);
  const ratioOf = (isPulse: boolean) =>
    median(falls.flatMap((fall) => (fall.isPulse === isPulse ? [fall.foundV / fall.expectedV] : [])));
  return {
    nodes: new Set(falls.map(({ node }) => node)).size,
    falls: falls.length,
    chi2,
    chi2Z,
    beyond: beyond.length,
    beyondExpected: BEYOND * falls.length,
    beyondProbability,
    restRatio: ratioOf(false),
    pulseRatio: ratioOf(true),
    worst: beyond
      .toSorted((one, other) => Math.abs(sigmasOf(other)) - Math.abs(sigmasOf(one)))
      .slice(0, MOST_WORST),
    holds: chi2Z <= MOST_CHI2_Z && beyondProbability >= LEAST_PROBABILITY,
  };
}

/** Probability of at least `count` successes in `trials` of that probability each. */
function atLeast(count: number, trials: number, probability: number): number {
  let term = (1 - probability) ** trials;
  let below = 0;
  for (let successes = 0; successes < count; successes += 1) {
    below += term;
    term *= ((trials - successes) / (successes + 1)) * (probability / (1 - probability));
  }
  return Math.max(0, 1 - below);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
