import { maxPulsesPerBatch } from '../../firmware-protocol/capacity.ts';
import { nodeName } from '../board/nodes.ts';
import type { BoardIdentity, Wave } from '../board/types.ts';
import type { BudgetSettings } from '../config/experiment.ts';
import { budgetLimits } from './budget.ts';
import type { NodeUsage } from './node-usage.ts';

/** The worst that a plan does by one measure, beside what is allowed. */
export interface Stress {
  readonly name: string;
  readonly worst: number;
  readonly unit: string;
  /** Null where nothing limits it. */
  readonly limit: number | null;
  /** Worst over limit; null without a limit. */
  readonly share: number | null;
  /** The node it falls on; null where it is not about one. */
  readonly node: string | null;
}

interface Stressing {
  readonly board: BoardIdentity;
  readonly waves: readonly Wave[];
  readonly mostPulsesInBatch: number;
  readonly limits: BudgetSettings;
  readonly past: NodeUsage;
  readonly added: NodeUsage;
}

/** What a plan asks of board and nodes; of each node, with all that it has received before. */
export function stressOf({ board, waves, mostPulsesInBatch, limits, past, added }: Stressing): Stress[] {
  const most = (values: readonly number[]) => Math.max(0, ...values);
  const stress = (
    name: string,
    worst: number,
    unit: string,
    limit: number | undefined,
    node?: number,
  ): Stress => ({
    name,
    worst,
    unit,
    limit: limit ?? null,
    share: limit === undefined ? null : worst / limit,
    node: node === undefined ? null : nodeName(node),
  });
  return [
    stress('highest amplitude', most(waves.map(({ amplitudeV }) => amplitudeV)), 'V', board.maxAmplitudeV),
    stress('longest pulse', most(waves.map(({ widthUs }) => widthUs)) / 1e6, 's', board.maxWidthUs / 1e6),
    stress('longest batch', mostPulsesInBatch, 'pulses', maxPulsesPerBatch(board.lineBytes)),
    ...budgetLimits.map(({ key, quantity, unit }) => {
      let worst = 0;
      let worstNode: number | undefined;
      for (const [node, usage] of added.entries()) {
        const total = past.of(node)[quantity] + usage[quantity];
        if (total <= worst) continue;
        worst = total;
        worstNode = node;
      }
      return stress(`most on a node (${quantityNames[quantity]})`, worst, unit, limits[key], worstNode);
    }),
  ];
}

const quantityNames = { pulses: 'pulses', voltSeconds: 'volt-seconds', chargeFC: 'charge' } as const;
