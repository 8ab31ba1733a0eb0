import type { SlotPulse } from '../../firmware-protocol/slots.ts';
import { nodeName, nodeNumber } from '../board/nodes.ts';
import type { Wave } from '../board/types.ts';
import type { BudgetSettings } from '../config/experiment.ts';
import { FnloopError } from '../core/errors.ts';
import { plain } from '../core/format.ts';
import { type SettledBatch, slotsDoneOf } from './journal.ts';
import { NodeUsage, type Usage } from './node-usage.ts';
import type { PlacedPulse, PlannedBatch } from './plan.ts';

export interface BudgetParts {
  readonly boardId: string;
  readonly limits: BudgetSettings;
  /** What the nodes had received before this run. */
  readonly past: NodeUsage;
  readonly waveOf: (wave: number) => Wave;
  /** Charge that the pulse is expected to tunnel, given what is known of its node now, fC. */
  readonly predictedChargeFC: (pulse: SlotPulse) => number;
}

/** Each limit of a budget: its key in the experiment, what it counts, and the unit of that. */
export const budgetLimits = [
  { key: 'pulsesPerNode', quantity: 'pulses', unit: 'pulses' },
  { key: 'voltSecondsPerNode', quantity: 'voltSeconds', unit: 'V s' },
  { key: 'chargeFCPerNode', quantity: 'chargeFC', unit: 'fC' },
] as const satisfies readonly {
  readonly key: keyof BudgetSettings;
  readonly quantity: keyof Usage;
  readonly unit: string;
}[];

/** Sums of many widths and charges are off by their rounding. */
const ROUNDING = 1 + 1e-9;
const MOST_NAMED = 10;

/** In words, which nodes would have received more than they may; worst first; empty where none would. */
export function excesses(limits: BudgetSettings, past: NodeUsage, added: NodeUsage): string[] {
  const found = budgetLimits.flatMap(({ key, quantity, unit }) => {
    const limit = limits[key];
    if (limit === undefined) return [];
    return [...added.entries()].flatMap(([node, usage]) => {
      const had = past.of(node)[quantity];
      const adds = usage[quantity];
      if (had + adds <= limit * ROUNDING) return [];
      const sentence = `${nodeName(node)} has had ${plain(had)} ${unit}, the plan adds ${plain(adds)}: more than the ${plain(limit)} of budget.${key}`;
      return [{ sentence, share: (had + adds) / limit }];
    });
  });
  const sentences = found.sort((one, other) => other.share - one.share).map(({ sentence }) => sentence);
  const unnamed = sentences.length - MOST_NAMED;
  return unnamed > 0 ? [...sentences.slice(0, MOST_NAMED), `and ${unnamed} more`] : sentences;
}

/** Keeps count of what a run does to its nodes, and refuses plans that would wear one out. Sends and writes nothing. */
export class Budget {
  readonly #parts: BudgetParts;
  readonly #spent = new NodeUsage();

  constructor(parts: BudgetParts) {
    this.#parts = parts;
    this.#spent.addAll(parts.past);
  }

  /** Throws `limit-exceeded`, with every node that the batches together would take beyond its budget. */
  assertAllows(batches: readonly PlannedBatch[]): void {
    const added = new NodeUsage();
    for (const { pulses } of batches) this.#count(pulses, added);
    const problems = excesses(this.#parts.limits, this.#spent, added);
    if (problems.length === 0) return;
    throw new FnloopError(
      'limit-exceeded',
      `The next ${batches.length} batches would wear nodes of board ${this.#parts.boardId} beyond their budget. Nothing of them was sent.`,
      { problems },
    );
  }

  /** Takes note of what ran. */
  spend(settled: readonly SettledBatch[]): void {
    for (const { batch, verdict } of settled) {
      const slotsDone = slotsDoneOf(verdict);
      this.#count(
        batch.pulses.filter(({ slot }) => slot < slotsDone),
        this.#spent,
      );
    }
  }

  #count(pulses: readonly PlacedPulse[], usage: NodeUsage): void {
    const { waveOf, predictedChargeFC } = this.#parts;
    for (const pulse of pulses) {
      usage.add(nodeNumber(pulse.cell, pulse.kind), {
        pulses: 1,
        voltSeconds: voltSecondsOf(waveOf(pulse.wave)),
        chargeFC: predictedChargeFC(pulse),
      });
    }
  }
}

/** Amplitude times width, V s. */
export const voltSecondsOf = ({ amplitudeV, widthUs }: Wave): number => (amplitudeV * widthUs) / 1e6;
