import type { Device } from '../../../calibration/devices.ts';
import type { NodeFit } from '../../../calibration/fit/node-fit.ts';
import { TEMPERATURE_SCALE_SIGMA } from '../../../calibration/fit/priors.ts';
import { tunnelingOfOxide } from '../../../calibration/physics/oxide.ts';
import { temperatureLaw, tunnelingAt } from '../../../calibration/physics/temperature.ts';
import { decayRateVPerS } from '../../../calibration/physics/tunneling.ts';
import type { Provenance } from '../../../calibration/provenance.ts';
import type { Calibration } from '../../chip/calibration.ts';
import { goodNodes, rateAt, referenceNodeV } from './fitted-nodes.ts';
import { median, spread } from './statistics.ts';

/** What was measured of one quantity over the good nodes, beside what theory says of it. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly nodes: number;
  readonly median: number;
  /** Over the nodes, of one node by its fit, and what all nodes share (read gain, DAC gain): 1 sigma. */
  readonly spread: number;
  readonly sigma: number;
  readonly commonSigma: number;
  readonly theory: {
    readonly value: number;
    readonly sigma: number;
    readonly provenance: Provenance;
    readonly basis: string;
  };
  /** The record told next to nothing of it: what stands here is what was believed before. */
  readonly isPrior: boolean;
  /** Measured over theory; null where theory says zero, or where nothing was measured. */
  readonly ratio: { readonly value: number; readonly sigma: number } | null;
}

/** The voltage at which the temperature coefficient is told, V. */
const TEMPERATURE_NODE_V = 8;
const UV_PER_V = 1e6;
/** A sigma that is no smaller than so much of the prior's is the prior's. */
const PRIOR_SHARE = 0.7;

/** Quantities that theory predicts, in the order of the table. Of the good nodes only. */
export function comparisons(calibration: Calibration, device: Device): Comparison[] {
  const fits = goodNodes(calibration).map(({ fit }) => fit);
  const { given, measured } = calibration;
  const rateNodeV = referenceNodeV(calibration);
  const { oxide } = device;
  const theory = tunnelingOfOxide(oxide);
  const thickness = oxide.thicknessRel;
  const scale = Math.hypot(oxide.areaRel, given.nodeCapacitanceRel);
  const { couplingFF, nodeCapacitanceFF } = device;
  const fromOxide = (value: number, sigmaRel: number, basis: string): Comparison['theory'] => ({
    value,
    sigma: value * sigmaRel,
    provenance: oxide.provenance,
    basis,
  });

  const k2 = {
    ...summaryOf(
      fits,
      (fit) => fit.parameters.tunneling.k2V,
      (fit) => sigmaOf(fit, 1),
    ),
    name: 'k2',
    unit: 'V',
    commonRel: given.readGainRel,
    theory: fromOxide(theory.k2V, thickness, 'B t_ox'),
  };
  const k1 = {
    ...relativeSummaryOf(
      fits,
      (fit) => fit.parameters.tunneling.k1PerS,
      (fit) => sigmaOf(fit, 0),
    ),
    name: 'k1',
    unit: '1/s',
    commonRel: 0,
    theory: fromOxide(theory.k1PerS, Math.hypot(thickness, scale), 'A B A_tun / (C_T t_ox)'),
  };
  const rate = {
    ...relativeSummaryOf(
      fits,
      (fit) => UV_PER_V * rateAt(fit, rateNodeV).rateVPerS,
      (fit) => rateAt(fit, rateNodeV).sigmaRel,
    ),
    name: `free decay at ${rateNodeV.toFixed(1)} V`,
    unit: 'µV/s',
    // The same voltage as read is another voltage where the read gain is off.
    commonRel: given.readGainRel * (1 + theory.k2V / rateNodeV),
    // Thickness acts through k1 (-1) and through k2 (-1 - k2/V).
    theory: fromOxide(
      UV_PER_V * decayRateVPerS(rateNodeV, theory),
      Math.hypot((2 + theory.k2V / rateNodeV) * thickness, scale),
      'k1 and k2 of the oxide',
    ),
  };
  const coupling = {
    ...summaryOf(
      fits,
      (fit) => fit.parameters.couplingRel,
      (fit) => sigmaOf(fit, 2),
    ),
    name: 'coupling ratio (eta)',
    unit: '',
    commonRel: Math.hypot(given.readGainRel, given.dacGainRel),
    theory: {
      value: couplingFF.value / nodeCapacitanceFF.value,
      sigma:
        (couplingFF.value / nodeCapacitanceFF.value) *
        Math.hypot(couplingFF.commonRel, nodeCapacitanceFF.commonRel),
      provenance: couplingFF.provenance,
      basis: 'C_C / C_T',
    },
  };
  const offset = {
    ...summaryOf(
      fits,
      (fit) => 1e3 * fit.parameters.offsetV,
      (fit) => 1e3 * sigmaOf(fit, 3),
    ),
    name: 'read offset',
    unit: 'mV',
    commonRel: 0,
    theory: {
      value: 0,
      sigma: 1e3 * given.offsetSigmaV,
      provenance: 'assumed' as const,
      basis: 'spread of the read path',
    },
    priorSigma: 1e3 * given.offsetSigmaV,
  };
  const temperature = {
    ...summaryOf(
      fits,
      (fit) => 100 * relPerK(fit.parameters.tunneling, fit.parameters.temperatureScale),
      (fit) => 100 * Math.abs(relPerK(fit.parameters.tunneling, 1)) * sigmaOf(fit, 4),
    ),
    name: `temperature coefficient at ${TEMPERATURE_NODE_V} V`,
    unit: '%/K',
    commonRel: 0,
    theory: {
      value: 100 * relPerK(device.tunneling, 1),
      sigma: 0,
      provenance: temperatureLaw.provenance,
      basis: 'law of k1 and k2',
    },
    priorSigma: 100 * Math.abs(relPerK(device.tunneling, 1)) * TEMPERATURE_SCALE_SIGMA,
  };
  const rows: readonly Row[] = [
    k2,
    k1,
    rate,
    coupling,
    offset,
    ...(measured.temperatureK === null ? [] : [temperature]),
  ];
  return rows.map(({ commonRel, priorSigma = Number.POSITIVE_INFINITY, ...row }) => {
    const commonSigma = Math.abs(row.median) * commonRel;
    const isPrior = row.sigma > PRIOR_SHARE * priorSigma;
    return { ...row, commonSigma, isPrior, ratio: isPrior ? null : ratioOf({ ...row, commonSigma }) };
  });
}

/** What a comparison is made of. */
interface Row extends Summary, Pick<Comparison, 'name' | 'unit' | 'theory'> {
  readonly commonRel: number;
  /** Of a quantity that a few records tell nothing of. */
  readonly priorSigma?: number;
}

type Summary = Pick<Comparison, 'nodes' | 'median' | 'spread' | 'sigma'>;

function summaryOf(
  fits: readonly NodeFit[],
  quantityOf: (fit: NodeFit) => number,
  sigmaOfFit: (fit: NodeFit) => number,
): Summary {
  const values = fits.map(quantityOf);
  return {
    nodes: fits.length,
    median: median(values),
    spread: spread(values),
    sigma: median(fits.map(sigmaOfFit)),
  };
}

/** Of a positive quantity whose logarithm is what spreads. */
function relativeSummaryOf(
  fits: readonly NodeFit[],
  quantityOf: (fit: NodeFit) => number,
  sigmaRelOf: (fit: NodeFit) => number,
): Summary {
  const ofLogarithm = summaryOf(fits, (fit) => Math.log(quantityOf(fit)), sigmaRelOf);
  const middle = Math.exp(ofLogarithm.median);
  return {
    nodes: fits.length,
    median: middle,
    spread: middle * ofLogarithm.spread,
    sigma: middle * ofLogarithm.sigma,
  };
}

/** 1 sigma of the fitted quantity at that place of `parameterNames`. */
const sigmaOf = ({ covariance }: NodeFit, place: number): number =>
  Math.sqrt(covariance[place]?.[place] ?? 0);

/** Relative change of the rate per kelvin, about the reference. */
function relPerK(tunneling: NodeFit['parameters']['tunneling'], scale: number): number {
  const { referenceK } = temperatureLaw;
  const rate = (shiftK: number) =>
    decayRateVPerS(TEMPERATURE_NODE_V, tunnelingAt(tunneling, referenceK + shiftK, scale));
  return (Math.log(rate(1)) - Math.log(rate(-1))) / 2;
}

/** With the sigmas of theory, of what all nodes share, and of the mean over the nodes. */
function ratioOf({
  median: value,
  spread: over,
  nodes,
  commonSigma,
  theory,
}: Summary & Pick<Comparison, 'commonSigma' | 'theory'>): Comparison['ratio'] {
  if (theory.value === 0) return null;
  const ratio = value / theory.value;
  const rel = Math.hypot(theory.sigma / theory.value, commonSigma / value, over / Math.sqrt(nodes) / value);
  return { value: ratio, sigma: Math.abs(ratio) * rel };
}
