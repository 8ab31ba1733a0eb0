import {
  duration,
  numberWithSigma,
  type PrintedUnit,
  percent,
  quantity,
  wallTime,
  withSigma,
} from '../core/format.ts';
import { type BoundName, boundNames } from '../ledger/bounds.ts';
import type { Statistic } from '../ledger/measured-total.ts';
import type { BoundStatistic, CalibrationUse, RunResult } from '../store/summary.ts';
import { troublesMet } from './troubles-met.ts';

/** What the link went through, where it went through anything. */
export function linkRows({
  link,
  batches,
}: Pick<RunResult, 'link' | 'batches'>): [name: string, value: string][] {
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

/** How often a run was interrupted, where it was. */
export function interruptionRows({
  interruptions: { count, longestBoardS, longestWallS },
}: Pick<RunResult, 'interruptions'>): [name: string, value: string][] {
  if (count === 0) return [];
  const pause = `pause ${duration(longestBoardS)} on the board, ${duration(longestWallS)} here`;
  return [['interrupted', count === 1 ? `once, ${pause}` : `${count} times, longest ${pause}`]];
}

/** Which calibration a run used, in words. */
export const calibrationText = (calibration: CalibrationUse | null): string => {
  if (calibration === null) return 'none';
  const { file, measuredToWallNs, goodNodes, nodes } = calibration;
  return `${file} of ${wallTime(measuredToWallNs)}, ${goodNodes} of ${nodes} nodes good`;
};

type NamedRow = [name: string, value: string];

/** The result of a run for the terminal: what a person looks at first; the report has the rest. */
export const closingRows = (summary: RunResult): NamedRow[] => {
  const { ratio, chargeFC } = summary;
  return [
    ...identityRows(summary),
    ...energyRows(summary),
    statisticRow('charge (tunneled)', chargeFC.tunneled, 'fC'),
    ...wholeRows(summary),
    boundRow(ratio.bound, summary.bounds[ratio.bound]),
    ...otherBounds(summary),
    ...endRows(summary),
  ];
};

/** The result of a run with all its means and bounds: the head of the report. */
export const summaryRows = (summary: RunResult): NamedRow[] => [
  ...identityRows(summary),
  ...energyRows(summary),
  ...Object.entries(summary.chargeFC).map(([name, charge]) => statisticRow(`charge (${name})`, charge, 'fC')),
  ...wholeRows(summary),
  ...boundNames.map((name) => boundRow(name, summary.bounds[name])),
  ...endRows(summary),
];

const identityRows = (summary: RunResult): NamedRow[] => {
  const { accuracy } = summary;
  return [
    ['run', `${summary.runId} (${summary.status})`],
    ['source', summary.source],
    ['calibration', calibrationText(summary.calibration)],
    ...(accuracy.test === null
      ? []
      : [
          ['accuracy', `${percent(accuracy.test)} test, ${percent(accuracy.train)} train`] satisfies NamedRow,
        ]),
    ['updates', `${summary.updates} in ${summary.pulses} pulses`],
  ];
};

const energyRows = ({ energyFJ }: RunResult): NamedRow[] =>
  Object.entries(energyFJ).map(([name, energy]) => statisticRow(`energy (${name})`, energy, 'fJ'));

/** What the cells took by everything that is known of them, and beside them reading and board. */
const wholeRows = ({ waterfall: { cells, reads, board } }: RunResult): NamedRow[] => [
  statisticRow('cells in all', cells, 'fJ'),
  ...(reads === null ? [] : [sumRow('read-out', reads.perUpdateFJ, reads.totalFJ, 'fJ')]),
  ...(board === null ? [] : [sumRow('board', board.perUpdateFJ, board.totalFJ, 'fJ')]),
];

const boundRow = (name: BoundName, { perUpdateZJ, totalZJ }: BoundStatistic): NamedRow =>
  sumRow(`bound (${name})`, perUpdateZJ, totalZJ, 'zJ');

/** Alternatives to the bound that is compared with, from the least to the greatest. */
function otherBounds({ bounds, ratio }: RunResult): NamedRow[] {
  const others = boundNames
    .flatMap((name) => {
      const { perUpdateZJ } = bounds[name];
      return name === ratio.bound || perUpdateZJ === null ? [] : [{ name, perUpdateZJ }];
    })
    .sort((one, other) => one.perUpdateZJ - other.perUpdateZJ);
  const [least, most] = [others[0], others.at(-1)];
  if (least === undefined || most === undefined) return [];
  const text = ({ name, perUpdateZJ }: typeof least) => `${quantity(perUpdateZJ, 'zJ')} (${name})`;
  return [['other bounds', `${text(least)} to ${text(most)} per update`]];
}

const endRows = (summary: RunResult): NamedRow[] => {
  const { ratio } = summary;
  return [
    [`ratio ${ratio.estimator} / ${ratio.bound}`, ratio.reason ?? numberWithSigma(ratio.value, ratio.sigma)],
    ...linkRows(summary),
    ...interruptionRows(summary),
    ['time', `${quantity(summary.boardTimeS, 's')} on the board, ${quantity(summary.wallTimeS, 's')} here`],
  ];
};

const statisticRow = (name: string, { mean, sigma, total }: Statistic, unit: PrintedUnit): NamedRow => [
  name,
  `${withSigma(mean, sigma, unit)} per update, ${quantity(total, unit)} in all`,
];

const sumRow = (name: string, perUpdate: number | null, total: number, unit: PrintedUnit): NamedRow => [
  name,
  `${quantity(perUpdate, unit)} per update, ${quantity(total, unit)} in all`,
];
