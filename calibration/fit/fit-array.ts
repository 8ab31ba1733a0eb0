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

interface Noise {
  readonly noiseV: number;
  readonly sigmaV: number;
}

/** Of all good nodes together; where a wrong expectation made none good, of the node in the middle. */
function readNoiseOf(nodes: readonly NodeResult[]): Noise | undefined {
  const found = nodes.flatMap(({ verdict, fit }) => {
    if (fit === null) return [];
    const { readNoiseV: noiseV, readNoiseSigmaV: sigmaV } = fit.diagnostics;
    return [{ isGood: verdict === 'good', noiseV, sigmaV }];
  });
  const good = found.filter(({ isGood }) => isGood);
  if (good.length > 0) return pooled(good);
  return found.sort((one, other) => one.noiseV - other.noiseV)[Math.floor(found.length / 2)];
}

/** Each by how many readings told it: its relative variance is one over twice their number. */
function pooled(found: readonly Noise[]): Noise {
  let readings = 0;
  let squares = 0;
  for (const { noiseV, sigmaV } of found) {
    const told = 0.5 * (noiseV / sigmaV) ** 2;
    readings += told;
    squares += told * noiseV ** 2;
  }
  const noiseV = Math.sqrt(squares / readings);
  return { noiseV, sigmaV: noiseV / Math.sqrt(2 * readings) };
}
