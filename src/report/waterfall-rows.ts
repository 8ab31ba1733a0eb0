import { cellParts, type EnergySum, type Waterfall } from '../store/waterfall.ts';
import type { WaterfallBar } from './waterfall-figure.ts';

/** One line of a waterfall; a subtotal sums the lines above it. */
export interface WaterfallRow extends EnergySum {
  readonly part: string;
  readonly meaning: string;
  readonly isSubtotal: boolean;
}

const LABELS: Readonly<Record<(typeof cellParts)[number], readonly [part: string, meaning: string]>> = {
  bound: ['bound (matched)', 'the least that it could have cost'],
  excessTilt: ['excess tilt', 'tunneled charge through the boost of the pulse, less the bound'],
  core: ['tunneling core', "the same charge through the node's own voltage"],
  drift: ['free drift in slots', "free decay while the node's own pulse was not on"],
  drive: ['coupling drive', 'charging and discharging the coupling capacitor'],
  verify: ['overshoot and verify', 'pulses after the first of an update, and corrections'],
};

/** The parts in their order, with how they are called. */
export const partNames = cellParts.map((name) => ({ name, part: LABELS[name][0] }));

/** Lines from the bound to the total, in the order in which they add up. */
export function waterfallRows({ parts, cells, reads, total }: Waterfall): WaterfallRow[] {
  return [
    ...cellParts.map((name) => {
      const [part, meaning] = LABELS[name];
      return { part, meaning, isSubtotal: false, ...parts[name] };
    }),
    {
      part: 'cells in all',
      meaning: 'full-cycle, tunneling and free drift',
      isSubtotal: true,
      perUpdateFJ: cells.mean,
      totalFJ: cells.total,
    },
    ...(reads === null || total === null
      ? []
      : [
          { part: 'reads', meaning: 'conversions of nodes', isSubtotal: false, ...reads },
          { part: 'total', meaning: 'cells and reads', isSubtotal: true, ...total },
        ]),
  ];
}

/** The same as bars of a figure; none where there were no updates. */
export const waterfallBars = (series: string, waterfall: Waterfall): WaterfallBar[] =>
  waterfallRows(waterfall).flatMap(({ part, perUpdateFJ, isSubtotal }) =>
    perUpdateFJ === null ? [] : [{ series, part, energyFJ: perUpdateFJ, isSubtotal }],
  );
