import { type LinkStatistics, troubles } from '../board/link-statistics.ts';
import { numberWithSigma, percent, quantity, snakeCase, wallTime, withSigma } from '../core/format.ts';
import type { CalibrationUse, RunSummary } from '../store/summary.ts';

/** What a link went through in words; empty where it went through nothing. */
export const troublesMet = (link: LinkStatistics): string =>
  troubles
    .filter((name) => link[name] > 0)
    .map((name) => `${link[name]} ${snakeCase(name).replaceAll('_', ' ')}`)
    .join(', ');

/** What the link went through, where it went through anything. */
export function linkRows({
  link,
  batches,
}: Pick<RunSummary, 'link' | 'batches'>): [name: string, value: string][] {
  const met = troublesMet(link);
  const { inferred, inferredPulses, leastConfidence, open } = batches;
  return [
    ...(met === '' ? [] : [['link', met] as [string, string]]),
    ...(inferred === 0
      ? []
      : [
          [
            'inferred',
            `${inferred} batches, ${inferredPulses} pulses of them executed, least confidence ${(leastConfidence ?? 0).toFixed(4)}`,
          ] as [string, string],
        ]),
    ...(open === 0
      ? []
      : [['open', `${open} batches of which nobody has found out whether they ran`] as [string, string]]),
  ];
}

/** Which calibration a run used, in words. */
export const calibrationText = (calibration: CalibrationUse | null): string => {
  if (calibration === null) return 'none';
  const { file, measuredToWallNs, goodNodes, nodes } = calibration;
  return `${file} of ${wallTime(measuredToWallNs)}, ${goodNodes} of ${nodes} nodes good`;
};

/** The result of a run in words and numbers: the closing table of the terminal and the head of the report. */
export function summaryRows(summary: RunSummary): [name: string, value: string][] {
  const { energyFJ, chargeFC, bounds, ratio, accuracy } = summary;
  return [
    ['run', `${summary.runId} (${summary.status})`],
    ['source', summary.source],
    ['calibration', calibrationText(summary.calibration)],
    ...(accuracy.test === null
      ? []
      : [
          ['accuracy', `${percent(accuracy.test)} test, ${percent(accuracy.train)} train`] as [
            string,
            string,
          ],
        ]),
    ['updates', `${summary.updates} in ${summary.pulses} pulses`],
    ...Object.entries(energyFJ).map(([name, { mean, sigma, total }]): [string, string] => [
      `energy (${name})`,
      `${withSigma(mean, sigma, 'fJ')} per update, ${quantity(total, 'fJ')} in all`,
    ]),
    ...Object.entries(chargeFC).map(([name, { mean, sigma, total }]): [string, string] => [
      `charge (${name})`,
      `${withSigma(mean, sigma, 'fC')} per update, ${quantity(total, 'fC')} in all`,
    ]),
    ...Object.entries(bounds).map(([name, { perUpdateZJ, totalZJ }]): [string, string] => [
      `bound (${name})`,
      `${quantity(perUpdateZJ, 'zJ')} per update, ${quantity(totalZJ, 'zJ')} in all`,
    ]),
    [`ratio ${ratio.estimator} / ${ratio.bound}`, ratio.reason ?? numberWithSigma(ratio.value, ratio.sigma)],
    ...linkRows(summary),
    ['time', `${quantity(summary.boardTimeS, 's')} on the board, ${quantity(summary.wallTimeS, 's')} here`],
  ];
}
