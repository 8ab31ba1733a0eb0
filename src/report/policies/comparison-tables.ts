import type { PolicyComparison, PolicyResult } from '../../comparing/comparison.ts';
import { boundNames } from '../../ledger/bounds.ts';
import { intervalText, pulseText, ratioText } from './interval-text.ts';

/** Heading and rows, the first cell of each being its name. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What each policy came to, with the experiment's own pulses. */
export const resultTable = ({ policies }: PolicyComparison): TextTable => ({
  head: ['policy', 'test accuracy', 'updates', 'pulses', 'per update', 'in all', 'to target', 'on the board'],
  rows: policies.map((result) => [
    result.policy,
    intervalText(result.accuracy, 'share'),
    intervalText(result.updates, 'count'),
    intervalText(result.pulses, 'count'),
    intervalText(result.perUpdateFJ, 'fJ'),
    intervalText(result.totalFJ, 'fJ'),
    result.toTarget === null ? '-' : intervalText(result.toTarget.energyFJ, 'fJ'),
    intervalText(result.boardTimeS, 's'),
  ]),
});

export const ratioTable = ({ policies }: PolicyComparison): TextTable => ({
  head: ['energy over its bound', ...boundNames],
  rows: policies.map(({ policy, ratios }) => [
    policy,
    ...boundNames.map((name) => (ratios[name] === null ? '-' : ratioText(ratios[name]))),
  ]),
});

/** Every policy with every pulse, the longest first. */
export const speedTable = ({ policies, variants }: PolicyComparison): TextTable => ({
  head: ['policy', 'pulse', 'test accuracy', 'per update', 'in all', 'on the board'],
  rows: [...policies, ...variants]
    .sort(inOrderOf(policies))
    .map((result) => [
      result.policy,
      pulseText(result.pulse),
      intervalText(result.accuracy, 'share'),
      intervalText(result.perUpdateFJ, 'fJ'),
      intervalText(result.totalFJ, 'fJ'),
      intervalText(result.boardTimeS, 's'),
    ]),
});

const inOrderOf = (policies: readonly PolicyResult[]) => (one: PolicyResult, other: PolicyResult) => {
  const place = ({ policy }: PolicyResult) => policies.findIndex((each) => each.policy === policy);
  return place(one) - place(other) || other.pulse.widthUs - one.pulse.widthUs;
};
