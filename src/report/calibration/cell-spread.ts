import type { Device } from '../../../calibration/devices.ts';
import type { Calibration } from '../../chip/calibration.ts';
import { comparisons } from './comparison.ts';
import { goodNodes, rateAt, referenceNodeV } from './fitted-nodes.ts';
import { median } from './statistics.ts';

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How a quantity is spread over the good nodes, and how wide the device's description expects it. */
export interface CellSpread {
  readonly name: string;
  readonly unit: string;
  readonly bins: readonly Bin[];
  /** Normal density of the expected sigma about the median, as nodes a bin. */
  readonly expected: readonly { readonly value: number; readonly count: number }[];
  /** Mismatch and the sigma of a fit together. */
  readonly expectedSigma: number;
}

/** k2, rate of free decay and coupling ratio over the good nodes; none where there are no good nodes. */
export function cellSpreads(calibration: Calibration, device: Device): CellSpread[] {
  const fits = goodNodes(calibration).map(({ fit }) => fit);
  if (fits.length === 0) return [];
  const nodeV = referenceNodeV(calibration);
  const rates = fits.map((fit) => rateAt(fit, nodeV).rateVPerS);
  const typicalRate = median(rates);
  const [k2, , rate, coupling] = comparisons(calibration, device);
  const rateRel = device.decayRate.nodeRel;
  const couplingRel = Math.hypot(device.couplingFF.nodeRel, device.nodeCapacitanceFF.nodeRel);
  const { k2V } = device.tunneling;
  return [
    spreadOf(
      'k2',
      'V',
      fits.map((fit) => fit.parameters.tunneling.k2V),
      Math.hypot((k2V * rateRel) / (1 + k2V / nodeV), k2?.sigma ?? 0),
    ),
    spreadOf(
      `free decay at ${nodeV.toFixed(1)} V over median`,
      '',
      rates.map((value) => value / typicalRate),
      Math.hypot(rateRel, rate === undefined ? 0 : rate.sigma / rate.median),
    ),
    spreadOf(
      'coupling ratio (eta)',
      '',
      fits.map((fit) => fit.parameters.couplingRel),
      Math.hypot(
        (couplingRel * device.couplingFF.value) / device.nodeCapacitanceFF.value,
        coupling?.sigma ?? 0,
      ),
    ),
  ];
}

const CURVE_POINTS = 61;
const CURVE_SIGMAS = 3.5;

function spreadOf(name: string, unit: string, values: readonly number[], sigma: number): CellSpread {
  const middle = median(values);
  const low = Math.min(...values, middle - CURVE_SIGMAS * sigma);
  const high = Math.max(...values, middle + CURVE_SIGMAS * sigma);
  const binCount = Math.max(12, Math.min(40, Math.round(2 * Math.sqrt(values.length))));
  const width = (high - low) / binCount;
  const counts = new Array<number>(binCount).fill(0);
  for (const value of values) {
    const bin = Math.min(binCount - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const peak = (values.length * width) / (sigma * Math.sqrt(2 * Math.PI));
  return {
    name,
    unit,
    bins: counts.map((count, bin) => ({ from: low + bin * width, to: low + (bin + 1) * width, count })),
    expected: Array.from({ length: CURVE_POINTS }, (_, index) => {
      const sigmas = CURVE_SIGMAS * ((2 * index) / (CURVE_POINTS - 1) - 1);
      return { value: middle + sigmas * sigma, count: peak * Math.exp(-(sigmas ** 2) / 2) };
    }),
    expectedSigma: sigma,
  };
}
