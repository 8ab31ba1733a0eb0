import type { FitSettings } from './fit-settings.ts';
import { judgeNode } from './judge-node.ts';
import type { NodeResult } from './node-fit.ts';
import type { NodeSeries } from './node-series.ts';

/** What calibration says of all nodes of a board. */
export interface ArrayFit {
  /** In the order of the series. */
  readonly nodes: readonly NodeResult[];
  /** Noise of one (averaged) reading, V at the node, as the nodes that follow the law tell it, and its sigma. */
  readonly readNoiseV: number;
  readonly readNoiseSigmaV: number;
}

/** A reading noise that is off by less is not worth another fit. */
const NOISE_TOLERANCE = 0.02;
const MAX_ROUNDS = 4;

/**
 * Fits and judges every node. All share one read path design, so they share the noise of readings: it is found from
 * the residuals of all, and the fit done again with it.
 */
export function fitArray(series: readonly NodeSeries[], settings: FitSettings): ArrayFit {
  let { readNoiseV } = settings;
  for (let round = 1; ; round += 1) {
    const nodes = series.map((each) => judgeNode(each, settings, readNoiseV));
    const found = readNoiseOf(nodes);
    const isSettled = found === undefined || Math.abs(found.noiseV / readNoiseV - 1) < NOISE_TOLERANCE;
    if (isSettled || round === MAX_ROUNDS) {
      return { nodes, readNoiseV, readNoiseSigmaV: found?.sigmaV ?? settings.readNoiseV };
    }
    readNoiseV = found.noiseV;
  }
}

/** The median node's: a few noisy ones do not count. */
function readNoiseOf(nodes: readonly NodeResult[]): { noiseV: number; sigmaV: number } | undefined {
  const found = nodes
    .flatMap(({ fit }) => (fit === null ? [] : [fit.diagnostics]))
    .sort((one, other) => one.readNoiseV - other.readNoiseV);
  const middle = found[Math.floor(found.length / 2)];
  if (middle === undefined) return undefined;
  return { noiseV: middle.readNoiseV, sigmaV: middle.readNoiseSigmaV / Math.sqrt(found.length) };
}
