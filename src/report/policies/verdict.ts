import type { PolicyComparison, PolicyResult, Verdict, Versus } from '../../comparing/comparison.ts';
import type { Interval } from '../../comparing/interval.ts';
import { percent, quantity } from '../../core/format.ts';
import { ratioText } from './interval-text.ts';

/** What the comparison says in words: policy by policy, whether the first one does the same with less, and where not, why. */
export function versusSentences(comparison: PolicyComparison): string[] {
  const { targets, policies, versus } = comparison;
  const least = Math.min(...targets.map(({ accuracy }) => accuracy));
  const most = Math.max(...targets.map(({ accuracy }) => accuracy));
  return [
    `Target of each seed: the least test accuracy that any policy ended with, ${percent(least)}${most > least ? ` to ${percent(most)}` : ''}.`,
    ...versus.map((each) => sentence(each, policies)),
  ];
}

function sentence(each: Versus, policies: readonly PolicyResult[]): string {
  const { policy, reference, whole, wholeVerdict, toTarget, toTargetVerdict } = each;
  const overall = `Over the whole training, ${policy} takes ${times(whole)} the energy of ${reference}${judged(wholeVerdict)}.`;
  if (toTarget === null || toTargetVerdict === null)
    return `${overall} No seed reached its target under both.`;
  const claim = `To the target it takes ${times(toTarget)}${judged(toTargetVerdict)}.`;
  return [overall, claim, ...(toTargetVerdict === 'more' ? [] : [why(each, policies)])].join(' ');
}

/** Why the reference is not the one that reaches the same with less. */
function why({ policy, reference, toTargetVerdict }: Versus, policies: readonly PolicyResult[]): string {
  const part = (name: string) => {
    const result = policies.find((one) => one.policy === name);
    if (result?.toTarget === undefined || result.toTarget === null) return `${name}: unknown`;
    const { updates, energyFJ } = result.toTarget;
    return `${name} ${Math.round(updates.mean)} updates of ${quantity(energyFJ.mean / updates.mean, 'fJ')}`;
  };
  const conclusion =
    toTargetVerdict === 'less'
      ? `So ${reference} does not reach it with less energy`
      : `So whether ${reference} reaches it with less energy is not shown`;
  return `${conclusion}: until then ${part(reference)}, ${part(policy)}.`;
}

const times = (ratio: Interval): string => `${ratioText(ratio)} times`;

const judged = (verdict: Verdict): string => (verdict === 'not told apart' ? ', not told apart' : '');
