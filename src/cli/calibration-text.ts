import type { Action, PlannedAction } from '../../calibration/design/measurement-plan.ts';
import type { CalibrationPlan } from '../calibrating/calibration-plan.ts';
import type { CalibrationSummary, ParameterSummary } from '../calibrating/calibration-summary.ts';
import { duration, numberWithSigma, plain, quantity, wallTime } from '../core/format.ts';
import { stressRow } from '../training/plan-rows.ts';
import { listing, table } from './table.ts';

/** An action in words: `pulse 3 V 50 ms`. */
export function actionInWords(action: Action): string {
  switch (action.kind) {
    case 'rest':
      return `rest ${duration(action.durationS)}`;
    case 'read':
      return `read ${action.repeats} times`;
    case 'pulse':
      return `pulse ${plain(action.amplitudeV)} V ${quantity(action.widthS, 's')}`;
  }
}

/** What will be done and what it is expected to tell, action by action; then what it costs. */
export function calibrationPlanText(plan: CalibrationPlan, boardId: string, actionsDone: number): string {
  const { measurement, readable } = plan;
  const { actions, expected, boardTimeS, pulsesPerNode, voltSecondsPerNode, stoppedBy } = measurement;
  const groups = grouped(actions.slice(actionsDone));
  return [
    table(
      ['action', 'board time', 'node', 'k2', 'ln k1', 'coupling', 'response'],
      groups.map(({ times, last }) => [
        `${actionInWords(last.action)}${times > 1 ? `, ${times} times` : ''}`,
        duration(last.boardTimeS),
        `${last.nodeV.toFixed(3)} V`,
        ...sigmas(last.expected),
      ]),
    ),
    listing([
      ['board', boardId],
      [
        'nodes',
        `${readable.nodes.length} of ${readable.all} can be read, ${readable.meanV.toFixed(4)} V on average`,
      ],
      [
        'actions',
        `${actions.length}${actionsDone > 0 ? `, ${actionsDone} of them done` : ''}; as many as ${stopReasons[stoppedBy]}`,
      ],
      ['board time', duration(boardTimeS)],
      [
        'on each node',
        `${pulsesPerNode} pulses, ${plain(voltSecondsPerNode)} V s; one more for the sign of the weight`,
      ],
      [
        'expected sigma',
        ['k2', 'ln k1', 'coupling', 'response']
          .map((name, index) => `${name} ${sigmas(expected)[index]}`)
          .join(', '),
      ],
    ]),
    table(['stress', 'worst', 'limit', 'share', 'where'], plan.stress.map(stressRow)),
  ].join('\n');
}

const stopReasons: Readonly<Record<CalibrationPlan['measurement']['stoppedBy'], string>> = {
  target: 'the targets need',
  boardTimeS: 'the board time allows',
  nodeV: 'the least node voltage allows',
  pulses: 'the pulses of a node allow',
};

const sigmas = ({ k2V, lnK1, couplingRel, responseRel }: PlannedAction['expected']): string[] => [
  quantity(k2V, 'V'),
  plain(lnK1),
  plain(couplingRel),
  `${plain(100 * responseRel)} %`,
];

/** The same action again and again is one row. */
function grouped(
  actions: readonly PlannedAction[],
): { readonly times: number; readonly last: PlannedAction }[] {
  const groups: { times: number; last: PlannedAction }[] = [];
  for (const planned of actions) {
    const group = groups.at(-1);
    if (group !== undefined && actionInWords(group.last.action) === actionInWords(planned.action)) {
      group.times += 1;
      group.last = planned;
    } else groups.push({ times: 1, last: planned });
  }
  return groups;
}

/** What was found, beside theory. */
export function calibrationText(
  summary: CalibrationSummary,
  { file, report }: { readonly file: string; readonly report: string },
): string {
  const { verdicts, parameters, temperatureK, chi2PerDof, drift } = summary;
  const rows: [name: string, value: string][] = [
    [
      'calibration',
      `${summary.source} ${summary.boardId} as ${summary.device}, from ${summary.runs.join(' and ')}`,
    ],
    ['good until', wallTime(summary.expiresWallNs)],
    ['weight', summary.weightSign === 1 ? 'SET raises it' : 'SET lowers it: S and R are exchanged'],
    ['read noise', `${quantity(summary.readNoiseV, 'V')} at the node`],
    [
      'temperature',
      temperatureK === null
        ? `not told by the board: a drift of 1 K meanwhile would have shifted k2 by ${quantity(summary.k2VPerKelvin, 'V')}`
        : `${temperatureK.mean.toFixed(2)} K (${temperatureK.min.toFixed(2)} to ${temperatureK.max.toFixed(2)} K)`,
    ],
    [
      'chi2/dof',
      `${chi2PerDof === null ? '-' : chi2PerDof.toFixed(3)} over ${summary.readings} readings, ${summary.outliers} of them set aside`,
    ],
    ...(drift === null
      ? []
      : [
          [
            'drift',
            `the nodes together suggest that the temperature moved by ${drift.kelvin.toFixed(2)} K, ${numberWithSigma(drift.kelvinPerHour, drift.kelvinPerHourSigma)} K/h: k2 is off by more than its sigma`,
          ] as [string, string],
        ]),
  ];
  return [
    table(
      ['nodes', 'verdict', 'such as'],
      verdicts.map(({ verdict, count, examples }) => [String(count), verdict, examples.join('\n')]),
    ),
    table(['parameter', 'median', 'spread', 'sigma', 'theory', 'ratio'], parameters.map(parameterRow)),
    listing(rows),
    `file    ${file}`,
    `report  ${report}`,
  ].join('\n');
}

const NAMES = { k1PerS: 'k1', k2V: 'k2', couplingRel: 'coupling', offsetV: 'offset' } as const;

function parameterRow({
  name,
  unit,
  median,
  spread,
  sigma,
  expected,
  expectedSigma,
  ratio,
}: ParameterSummary): string[] {
  const value = (number: number) =>
    unit === 'V' && name === 'offsetV' ? quantity(number, 'V') : plain5(number);
  return [
    NAMES[name] + (unit === '' || name === 'offsetV' ? '' : ` (${unit})`),
    value(median),
    value(spread),
    value(sigma),
    name === 'offsetV' ? `0 ± ${quantity(expectedSigma, 'V')}` : numberWithSigma(expected, expectedSigma),
    ratio === null ? '-' : ratio.toFixed(4),
  ];
}

const plain5 = (value: number): string =>
  Math.abs(value) >= 1e5 ? value.toExponential(3) : String(Number(value.toPrecision(5)));
