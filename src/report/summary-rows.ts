import { numberWithSigma, percent, quantity, withSigma } from '../core/format.ts';
import type { RunSummary } from '../store/summary.ts';

/** The result of a run in words and numbers: the closing table of the terminal and the head of the report. */
export function summaryRows(summary: RunSummary): [name: string, value: string][] {
  const { energyFJ, chargeFC, bounds, ratio, accuracy } = summary;
  return [
    ['run', `${summary.runId} (${summary.status})`],
    ['source', summary.source],
    ['accuracy', `${percent(accuracy.test)} test, ${percent(accuracy.train)} train`],
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
    ['time', `${quantity(summary.boardTimeS, 's')} on the board, ${quantity(summary.wallTimeS, 's')} here`],
  ];
}
