import { devices } from '../../calibration/devices.ts';
import type { NodeParameters } from '../../calibration/fit/node-parameters.ts';
import { type Verdict, verdicts } from '../../calibration/fit/verdict.ts';
import { tunnelingOfOxide } from '../../calibration/physics/oxide.ts';
import { temperatureLaw } from '../../calibration/physics/temperature.ts';
import { nodeName } from '../board/nodes.ts';
import type { Calibration } from '../chip/calibration.ts';
import { FnloopError } from '../core/errors.ts';
import type { Analysis } from './analysis.ts';

/** Nodes of one verdict. */
export interface VerdictCount {
  readonly verdict: Verdict;
  readonly count: number;
  /** The first few of them with why; none for good ones. */
  readonly examples: readonly string[];
}

/** A parameter over the good nodes, beside what is expected of it. */
export interface ParameterSummary {
  readonly name: 'k1PerS' | 'k2V' | 'couplingRel' | 'offsetV';
  readonly unit: string;
  readonly median: number;
  /** Standard deviation over the nodes, from the middle two thirds. */
  readonly spread: number;
  /** Median sigma of one node's fit. */
  readonly sigma: number;
  /** From the oxide's data, or the device's description, with its own sigma; where it says so. */
  readonly expected: number;
  readonly expectedSigma: number;
  /** Median over expected; null where zero is expected. */
  readonly ratio: number | null;
}

/** What a calibration amounts to: the object that `--json` prints, with where it is. */
export interface CalibrationSummary {
  readonly boardId: string;
  readonly source: Calibration['board']['source'];
  readonly device: string;
  readonly runs: readonly string[];
  readonly expiresWallNs: string;
  readonly weightSign: Calibration['weightSign'];
  readonly nodes: number;
  readonly verdicts: readonly VerdictCount[];
  readonly parameters: readonly ParameterSummary[];
  readonly readNoiseV: number;
  readonly readNoiseSigmaV: number;
  readonly temperatureK: Calibration['measured']['temperatureK'];
  /** By how much a drift of 1 K in the course of the measurement shifts k2, V; null where the board tells the temperature. */
  readonly k2VPerKelvin: number | null;
  readonly chi2PerDof: number | null;
  readonly readings: number;
  readonly outliers: number;
  readonly drift: Analysis['drift'];
}

const MOST_EXAMPLES = 4;
/** Of a normal distribution, within one standard deviation. */
const ONE_SIGMA = [0.1587, 0.8413] as const;

/** Counts, medians and spreads of a calibration, beside theory. */
export function summarizeCalibration({ calibration, readNoiseSigmaV, drift }: Analysis): CalibrationSummary {
  const { board, device, measured, nodes } = calibration;
  const fits = nodes.flatMap(({ verdict, fit }) => (verdict === 'good' && fit !== null ? [fit] : []));
  const sum = (of: (fit: (typeof fits)[number]) => number) => fits.reduce((total, fit) => total + of(fit), 0);
  const dof = sum(({ diagnostics }) => diagnostics.dof);
  return {
    boardId: board.boardId,
    source: board.source,
    device,
    runs: measured.runs,
    expiresWallNs: calibration.expiresWallNs,
    weightSign: calibration.weightSign,
    nodes: nodes.length,
    verdicts: countsOf(nodes),
    parameters: parametersOf(calibration, fits),
    readNoiseV: calibration.readNoiseV,
    readNoiseSigmaV,
    temperatureK: measured.temperatureK,
    k2VPerKelvin: measured.temperatureK === null ? k2VPerKelvin(calibration, fits) : null,
    chi2PerDof: dof > 0 ? sum(({ diagnostics }) => diagnostics.chi2) / dof : null,
    readings: sum(({ diagnostics }) => diagnostics.points),
    outliers: sum(({ diagnostics }) => diagnostics.outliers),
    drift,
  };
}

function countsOf(nodes: Calibration['nodes']): VerdictCount[] {
  return (Object.keys(verdicts) as Verdict[]).flatMap((verdict) => {
    const ofVerdict = nodes.filter((node) => node.verdict === verdict);
    if (ofVerdict.length === 0 && verdict !== 'good') return [];
    const examples = verdict === 'good' ? [] : ofVerdict.slice(0, MOST_EXAMPLES);
    return [
      {
        verdict,
        count: ofVerdict.length,
        examples: examples.map(({ node, reason }) => `${nodeName(node)}: ${reason ?? verdicts[verdict]}`),
      },
    ];
  });
}

type Fit = NonNullable<Calibration['nodes'][number]['fit']>;

function parametersOf({ device: name, given }: Calibration, fits: readonly Fit[]): ParameterSummary[] {
  const device = devices[name];
  if (device === undefined)
    throw new FnloopError('invariant', `Device ${name} passed the schema but is unknown.`);
  const { oxide, couplingFF, nodeCapacitanceFF } = device;
  const theory = tunnelingOfOxide(oxide);
  const couplingRel = couplingFF.value / nodeCapacitanceFF.value;
  const k1Rel = Math.hypot(oxide.areaRel, oxide.thicknessRel, nodeCapacitanceFF.commonRel);
  const row = (
    parameter: ParameterSummary['name'],
    unit: string,
    parameterOf: (parameters: NodeParameters) => number,
    sigmaOf: (fit: Fit) => number,
    expected: number,
    expectedSigma: number,
  ): ParameterSummary => {
    const values = fits.map(({ parameters }) => parameterOf(parameters));
    const median = quantile(values, 0.5);
    return {
      name: parameter,
      unit,
      median,
      spread: (quantile(values, ONE_SIGMA[1]) - quantile(values, ONE_SIGMA[0])) / 2,
      sigma: quantile(fits.map(sigmaOf), 0.5),
      expected,
      expectedSigma,
      ratio: expected === 0 ? null : median / expected,
    };
  };
  const sigmaAt = (index: number) => (fit: Fit) => Math.sqrt(fit.covariance[index]?.[index] ?? 0);
  return [
    row(
      'k1PerS',
      '1/s',
      ({ tunneling }) => tunneling.k1PerS,
      (fit) => fit.parameters.tunneling.k1PerS * sigmaAt(0)(fit),
      theory.k1PerS,
      theory.k1PerS * k1Rel,
    ),
    row(
      'k2V',
      'V',
      ({ tunneling }) => tunneling.k2V,
      sigmaAt(1),
      theory.k2V,
      theory.k2V * oxide.thicknessRel,
    ),
    row(
      'couplingRel',
      '',
      (parameters) => parameters.couplingRel,
      sigmaAt(2),
      couplingRel,
      couplingRel * Math.hypot(couplingFF.commonRel, nodeCapacitanceFF.commonRel),
    ),
    row('offsetV', 'V', ({ offsetV }) => offsetV, sigmaAt(3), 0, given.offsetSigmaV),
  ];
}

/** A drift that goes along with the fall of the nodes is taken for another slope of ln(rate) over 1/V, which is k2. */
function k2VPerKelvin({ board, points, nodes }: Calibration, fits: readonly Fit[]): number | null {
  const good = new Set(nodes.flatMap(({ node, verdict }) => (verdict === 'good' ? [node] : [])));
  const spans = points.flatMap(({ node, code }) => {
    const read = code.flatMap((each) => each ?? []);
    const [first, last] = [read[0], read.at(-1)];
    if (!good.has(node) || first === undefined || last === undefined) return [];
    return [{ fromV: first * board.nodeVPerCode, toV: last * board.nodeVPerCode }];
  });
  const { fromV, toV } = spans[Math.floor(spans.length / 2)] ?? { fromV: 0, toV: 0 };
  if (!(fromV > toV && toV > 0)) return null;
  const k2V = quantile(
    fits.map(({ parameters }) => parameters.tunneling.k2V),
    0.5,
  );
  const { k1RelPerK, k2RelPerK } = temperatureLaw;
  const ratePerK = k1RelPerK - k2RelPerK * (1 + (2 * k2V) / (fromV + toV));
  return ratePerK / (1 / toV - 1 / fromV);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (at - Math.floor(at)) * (above - below);
}
