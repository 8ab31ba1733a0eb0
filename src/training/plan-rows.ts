import { plain, quantity, withSigma } from '../core/format.ts';
import type { EpochPlan } from './epoch-plan.ts';
import type { PlannedPart } from './planned-part.ts';

type NamedRow = readonly [name: string, value: string];

/** What a plan is of, for people. */
export function planRows(plan: EpochPlan): NamedRow[] {
  const { cells, weightV, nodeV, validNodeV, steps, stepsOfExperiment } = plan;
  return [
    [
      'plan',
      `${plan.task}, policy ${plan.policy}, seed ${plan.seed}: ${steps} of ${stepsOfExperiment} steps`,
    ],
    ['cells', `${cells.used} used of ${cells.onBoard}`],
    ['nodes', `${volts(nodeV, 4)}, the device is valid from ${volts(validNodeV, 1)}`],
    ['weights', `${millivolts(weightV)}, presuming that SET raises them`],
  ];
}

const millivolts = ({ min, max }: EpochPlan['weightV']) =>
  `${(1e3 * min).toFixed(3)} to ${(1e3 * max).toFixed(3)} mV`;
const volts = ({ min, max }: EpochPlan['weightV'], digits: number) =>
  `${min.toFixed(digits)} to ${max.toFixed(digits)} V`;

/** What bring-up and epoch would send and cost, side by side. */
export const costRows = ({ bringUp, training }: EpochPlan): [string, string, string][] =>
  partRows(bringUp).map(([name, value], row) => [name, value, partRows(training)[row]?.[1] ?? '']);

const partRows = (part: PlannedPart): NamedRow[] => [
  ['updates', `${part.updates} in ${part.pulses} pulses, ${part.clipped} clipped`],
  ['batches', `${part.batches} of ${part.slots} slots`],
  ['board time', quantity(part.boardTimeS, 's')],
  ...Object.entries(part.energyFJ).map(
    ([name, { mean, sigma, total }]): NamedRow => [
      `energy (${name})`,
      `${withSigma(mean, sigma, 'fJ')} per update, ${quantity(total, 'fJ')} in all`,
    ],
  ),
  ...Object.entries(part.chargeFC).map(
    ([name, { mean, sigma, total }]): NamedRow => [
      `charge (${name})`,
      `${withSigma(mean, sigma, 'fC')} per update, ${quantity(total, 'fC')} in all`,
    ],
  ),
];

/** Heads of `stressRow`. */
export const stressHeads = ['stress', 'worst', 'limit', 'share', 'where'];

/** A row of the table of stresses: what, the worst of it, its limit, and where. */
export const stressRow = ({
  name,
  worst,
  unit,
  limit,
  share,
  node,
}: EpochPlan['stress'][number]): string[] => [
  name,
  `${plain(worst)} ${unit}`,
  limit === null ? 'none' : `${plain(limit)} ${unit}`,
  share === null ? '-' : `${(100 * share).toPrecision(3)} %`,
  node ?? '',
];
