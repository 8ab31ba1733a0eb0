import { fitNode } from '../../calibration/fit/fit-node.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
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
const MOST_NODES = 128;
const FIRST_GUESS_K = 1;
const MAX_ROUNDS = 12;
const SETTLED = 0.01;
/** Beyond what a fit may call a drift, K: there it is something else. */
const MOST_K = 200;

/**
 * Tells from the nodes how the temperature drifted on a board that does not measure it: each fit has a scale of the temperature law,
 * which with a guessed drift says how much of it there was; that is the next guess. One node says little, as a drift is much like
 * another k2 while its voltage falls; all together say more. Undefined where they do not agree on one.
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
  const still = fitAll(sample, settings, readNoiseV);
  let drift = FIRST_GUESS_K;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const fits = fitAll(
      sample.map((each) => warmed(each, drift / lengthS)),
      settings,
      readNoiseV,
    );
    const scale = median(fits.map((fit) => fit.parameters.temperatureScale));
    const sigma = median(fits.map((fit) => Math.sqrt(fit.covariance[4]?.[4] ?? 0)));
    if (Math.abs(scale - 1) < SETTLED && fits.length === still.length) {
      const perHour = S_PER_HOUR / lengthS;
      const chi2 = (all: typeof fits) => all.reduce((sum, fit) => sum + fit.diagnostics.chi2, 0);
      return {
        kelvinPerHour: drift * perHour,
        kelvinPerHourSigma: (Math.abs(drift) * sigma * perHour) / Math.sqrt(fits.length),
        kelvin: drift,
        chi2Less: chi2(still) - chi2(fits),
        nodes: fits.length,
      };
    }
    drift *= scale;
    if (!(Math.abs(drift) < MOST_K)) return undefined;
  }
  return undefined;
}

const fitAll = (series: readonly NodeSeries[], settings: FitSettings, readNoiseV: number) =>
  series.flatMap((each) => fitNode(each, settings, { readNoiseV }) ?? []);

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

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
