import { plain, quantity, withSigma } from '../core/format.ts';
import type { EpochPlan } from '../training/epoch-plan.ts';
import type { PlannedPart } from '../training/planned-part.ts';
import { listing, table } from './output.ts';

/** Bytes and seconds of the whole plan in each direction; no seconds where nothing paces the wire. */
export interface WireUse {
  readonly bytesPerS: number | null;
  readonly bytes: { readonly toBoard: number; readonly toHost: number };
  readonly timeS: { readonly toBoard: number; readonly toHost: number } | null;
}

/** What a plan puts on a wire of that pace. */
export function wireUseOf(
  { setUpWireBytes, bringUp, training }: EpochPlan,
  bytesPerS: number | undefined,
): WireUse {
  const parts = [setUpWireBytes, bringUp.wireBytes, training.wireBytes];
  const toBoard = parts.reduce((sum, part) => sum + part.toBoard, 0);
  const toHost = parts.reduce((sum, part) => sum + part.toHost, 0);
  return {
    bytesPerS: bytesPerS ?? null,
    bytes: { toBoard, toHost },
    timeS: bytesPerS === undefined ? null : { toBoard: toBoard / bytesPerS, toHost: toHost / bytesPerS },
  };
}

/** A plan for people: what, then what it costs, then how near it comes to each limit. */
export function planText(plan: EpochPlan, address: string, wire: WireUse): string {
  const { cells, weightV, nodeV, validNodeV, steps, stepsOfExperiment } = plan;
  const millivolts = ({ min, max }: EpochPlan['weightV']) =>
    `${(1e3 * min).toFixed(3)} to ${(1e3 * max).toFixed(3)} mV`;
  const volts = ({ min, max }: EpochPlan['weightV'], digits: number) =>
    `${min.toFixed(digits)} to ${max.toFixed(digits)} V`;
  return [
    listing([
      ['board', `${plan.source} ${plan.boardId} at ${address}`],
      [
        'plan',
        `${plan.task}, policy ${plan.policy}, seed ${plan.seed}: ${steps} of ${stepsOfExperiment} steps`,
      ],
      ['cells', `${cells.used} used of ${cells.onBoard}`],
      ['nodes', `${volts(nodeV, 4)}, the device is valid from ${volts(validNodeV, 1)}`],
      ['weights', `${millivolts(weightV)}, presuming that SET raises them`],
      ['wire', inWords(wire)],
    ]),
    table(
      ['', 'bring-up', 'epoch'],
      partRows(plan.bringUp).map(([name, value], row) => [
        name,
        value,
        partRows(plan.training)[row]?.[1] ?? '',
      ]),
    ),
    table(['stress', 'worst', 'limit', 'share', 'where'], plan.stress.map(stressRow)),
  ].join('\n');
}

function inWords({ bytes, bytesPerS, timeS }: WireUse): string {
  const amounts = `${bytes.toBoard} bytes to the board, ${bytes.toHost} back`;
  return timeS === null || bytesPerS === null
    ? `${amounts}, unpaced`
    : `${amounts}; ${quantity(timeS.toBoard, 's')} and ${quantity(timeS.toHost, 's')} at ${bytesPerS * 10} baud`;
}

const partRows = (part: PlannedPart): [name: string, value: string][] => [
  ['updates', `${part.updates} in ${part.pulses} pulses, ${part.clipped} clipped`],
  ['batches', `${part.batches} of ${part.slots} slots`],
  ['board time', quantity(part.boardTimeS, 's')],
  ...Object.entries(part.energyFJ).map(([name, { mean, sigma, total }]): [string, string] => [
    `energy (${name})`,
    `${withSigma(mean, sigma, 'fJ')} per update, ${quantity(total, 'fJ')} in all`,
  ]),
  ...Object.entries(part.chargeFC).map(([name, { mean, sigma, total }]): [string, string] => [
    `charge (${name})`,
    `${withSigma(mean, sigma, 'fC')} per update, ${quantity(total, 'fC')} in all`,
  ]),
];

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
