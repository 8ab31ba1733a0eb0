import type { PolicyComparison, PolicyResult } from '../comparing/comparison.ts';
import { boundNames } from '../ledger/bounds.ts';
import { intervalText, pulseText, ratioText } from '../report/policies/interval-text.ts';
import { versusSentences } from '../report/policies/verdict.ts';
import { table } from './output.ts';

/** What `fnloop compare` prints. */
export function comparisonText(comparison: PolicyComparison): string {
  const { policies, variants } = comparison;
  return [
    table(HEAD, policies.map(resultRow)),
    'Energies are those of the cells: full-cycle, tunneling and free drift. Geometric means over seeds with 95 % intervals, measurement included.',
    table(['energy over its bound', ...boundNames], policies.map(ratioRow)),
    ...(variants.length === 0
      ? []
      : [
          'The same with other pulses that move a fresh cell as far:',
          table(SPEED_HEAD, [...policies, ...variants].sort(byPolicy(policies)).map(speedRow)),
        ]),
    ...versusSentences(comparison),
  ].join('\n');
}

const HEAD = [
  'policy',
  'test accuracy',
  'updates',
  'pulses',
  'per update',
  'in all',
  'to target',
  'on the board',
];

const resultRow = (result: PolicyResult): string[] => [
  result.policy,
  intervalText(result.accuracy, 'share'),
  intervalText(result.updates, 'count'),
  intervalText(result.pulses, 'count'),
  intervalText(result.perUpdateFJ, 'fJ'),
  intervalText(result.totalFJ, 'fJ'),
  result.toTarget === null ? '-' : intervalText(result.toTarget.energyFJ, 'fJ'),
  intervalText(result.boardTimeS, 's'),
];

const ratioRow = ({ policy, ratios }: PolicyResult): string[] => [
  policy,
  ...boundNames.map((name) => (ratios[name] === null ? '-' : ratioText(ratios[name]))),
];

const SPEED_HEAD = ['policy', 'pulse', 'test accuracy', 'per update', 'in all', 'on the board'];

const speedRow = (result: PolicyResult): string[] => [
  result.policy,
  pulseText(result.pulse),
  intervalText(result.accuracy, 'share'),
  intervalText(result.perUpdateFJ, 'fJ'),
  intervalText(result.totalFJ, 'fJ'),
  intervalText(result.boardTimeS, 's'),
];

/** Policies in their order, the longest pulse first. */
const byPolicy = (policies: readonly PolicyResult[]) => (one: PolicyResult, other: PolicyResult) => {
  const place = ({ policy }: PolicyResult) => policies.findIndex((each) => each.policy === policy);
  return place(one) - place(other) || other.pulse.widthUs - one.pulse.widthUs;
};
