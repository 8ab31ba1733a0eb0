import { fitNode } from '../../calibration/fit/fit-node.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import { TEMPERATURE_SCALE_SIGMA } from '../../calibration/fit/priors.ts';
import { temperatureLaw } from '../../calibration/physics/temperature.ts';

/** The steady change of a chip's temperature that would best explain what all its nodes did. */
export interface PresumedDrift {
  readonly kelvinPerHour: number;
  readonly kelvinPerHourSigma: number;
  /** From the first to the last reading. */
  readonly kelvin: number;
  /** By how much chi square of the nodes looked at falls with it. */
  readonly chi2Less: number;
  readonly nodes: number;
}

const S_PER_HOUR = 3600;
/** Nodes that are looked at: they all feel the same. */
const MOST_NODES = 64;
/** First step of the search, K; where it may end; and how near the best drift it does. */
const FIRST_STEP_K = 1;
const MOST_K = 128;
const NEAR_K = 0.1;
const PROBE_K = 0.5;
const GOLDEN = (3 - Math.sqrt(5)) / 2;

/**
 * The drift at which all nodes together are explained best, on a board that does not measure its temperature: the least sum of their
 * chi squares, each node fitted anew. One node says little, as a drift is much like another k2 while its voltage falls; all
 * together say more. Undefined where there is no best one.
 */
export function presumedDrift(
  series: readonly NodeSeries[],
  settings: FitSettings,
  readNoiseV: number,
): PresumedDrift | undefined {
  const every = Math.max(1, Math.ceil(series.length / MOST_NODES));
  const sample = series.filter((_, index) => index % every === 0);
  const lengthS = Math.max(0, ...sample.map(lengthOf));
  if (!(lengthS > 0)) return undefined;
  const chi2At = (kelvin: number) => totalChi2(sample, kelvin / lengthS, settings, readNoiseV);
  const best = leastOf(chi2At);
  if (best === undefined) return undefined;
  const { kelvin, chi2 } = best;
  const curvature = (chi2At(kelvin + PROBE_K) - 2 * chi2 + chi2At(kelvin - PROBE_K)) / PROBE_K ** 2;
  if (!(curvature > 0)) return undefined;
  const perHour = S_PER_HOUR / lengthS;
  return {
    kelvinPerHour: kelvin * perHour,
    kelvinPerHourSigma: Math.sqrt(2 / curvature) * perHour,
    kelvin,
    chi2Less: chi2At(0) - chi2,
    nodes: sample.length,
  };
}

interface Probe {
  readonly kelvin: number;
  readonly chi2: number;
}

/** Downhill in steps that double until it rises again, then golden sections. Undefined where it falls as far as may be. */
function leastOf(chi2At: (kelvin: number) => number): Probe | undefined {
  const probe = (kelvin: number): Probe => ({ kelvin, chi2: chi2At(kelvin) });
  const [back, ahead] = [probe(-FIRST_STEP_K), probe(FIRST_STEP_K)];
  const direction = ahead.chi2 < back.chi2 ? 1 : -1;
  let [behind, middle, beyond] = [direction > 0 ? back : ahead, probe(0), direction > 0 ? ahead : back];
  for (let stepK = FIRST_STEP_K; beyond.chi2 < middle.chi2; ) {
    stepK *= 2;
    if (Math.abs(beyond.kelvin) >= MOST_K) return undefined;
    [behind, middle, beyond] = [middle, beyond, probe(beyond.kelvin + direction * stepK)];
  }
  while (Math.abs(beyond.kelvin - behind.kelvin) > NEAR_K) {
    const isBehindLonger = Math.abs(middle.kelvin - behind.kelvin) > Math.abs(beyond.kelvin - middle.kelvin);
    const towards = isBehindLonger ? behind : beyond;
    const between = probe(middle.kelvin + GOLDEN * (towards.kelvin - middle.kelvin));
    if (between.chi2 < middle.chi2) {
      [behind, middle, beyond] = isBehindLonger ? [behind, between, middle] : [middle, between, beyond];
    } else if (isBehindLonger) behind = between;
    else beyond = between;
  }
  return middle;
}

/** Chi square of all nodes, each with the parameters that suit it best, on a chip whose temperature rises steadily. */
function totalChi2(
  series: readonly NodeSeries[],
  kelvinPerS: number,
  settings: FitSettings,
  readNoiseV: number,
): number {
  return series.reduce((sum, each) => {
    const fit = fitNode(warmed(each, kelvinPerS), settings, { readNoiseV, setsAside: false });
    if (fit === undefined) return sum + UNFITTED;
    const { parameters, diagnostics } = fit;
    const offset = parameters.offsetV / settings.offsetSigmaV;
    const scale = (parameters.temperatureScale - 1) / TEMPERATURE_SCALE_SIGMA;
    return sum + diagnostics.chi2 + offset ** 2 + scale ** 2;
  }, 0);
}

/** What a node costs that cannot be fitted at some drift. */
const UNFITTED = 1e4;

const lengthOf = ({ durationS }: NodeSeries): number =>
  durationS.reduce((sum, seconds) => sum + (Number.isNaN(seconds) ? 0 : seconds), 0);

/** The series as it would be on a chip whose temperature rises steadily. */
function warmed(series: NodeSeries, kelvinPerS: number): NodeSeries {
  let atS = 0;
  const temperatureK = series.durationS.map((seconds) => {
    const lastS = Number.isNaN(seconds) ? 0 : seconds;
    atS += lastS;
    return temperatureLaw.referenceK + kelvinPerS * (atS - lastS / 2);
  });
  return { ...series, temperatureK };
}
