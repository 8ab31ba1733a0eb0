import { type BoundName, boundNames } from '../ledger/bounds.ts';
import { type CellPart, cellParts } from '../store/waterfall.ts';
import type { ComparedRun, CoursePoint } from './compared-run.ts';
import { geometricInterval, type Interval, shareInterval } from './interval.ts';
import type { PulseShape } from './same-step.ts';

/** Runs of one policy with one pulse, over seeds. Energies are those of the cells: full-cycle, tunneling and free drift. */
export interface PolicyResult {
  readonly policy: string;
  readonly pulse: PulseShape;
  readonly isOwnPulse: boolean;
  readonly runs: readonly string[];
  readonly accuracy: Interval;
  readonly updates: Interval;
  readonly pulses: Interval;
  readonly perUpdateFJ: Interval;
  readonly totalFJ: Interval;
  readonly boardTimeS: Interval;
  /** To the first step at which the target accuracy of the seed was reached, over the seeds in which it was; null for none. */
  readonly toTarget: {
    readonly energyFJ: Interval;
    readonly updates: Interval;
    readonly boardTimeS: Interval;
  } | null;
  /** Energy over each bound; null where the bound is zero. */
  readonly ratios: Readonly<Record<BoundName, Interval | null>>;
  /** Mean of each part per update, fJ, and of the read-out and the board. */
  readonly partsFJ: Readonly<Record<CellPart | 'reads' | 'board', number>>;
}

export const verdicts = ['more', 'less', 'not told apart'] as const;
export type Verdict = (typeof verdicts)[number];

/** A policy against the first one, seed by seed: its energy over that one's. */
export interface Versus {
  readonly policy: string;
  readonly reference: string;
  readonly whole: Interval;
  readonly wholeVerdict: Verdict;
  /** To the target accuracy; null where no seed has both. */
  readonly toTarget: Interval | null;
  readonly toTargetVerdict: Verdict | null;
}

/** The same task under several policies. */
export interface PolicyComparison {
  /** Of each seed: the least that any of the policies ended with, so that all of them reached it. */
  readonly targets: readonly { readonly seed: number; readonly accuracy: number }[];
  readonly policies: readonly PolicyResult[];
  readonly versus: readonly Versus[];
  /** The same policies with other pulses that move a fresh cell as far. */
  readonly variants: readonly PolicyResult[];
}

/** Compares finished runs; the first run's policy is what others are compared with. */
export function comparePolicies(runs: readonly ComparedRun[]): PolicyComparison {
  const own = runs.filter(({ isOwnPulse }) => isOwnPulse);
  const seeds = [...new Set(own.map(({ seed }) => seed))];
  const targets = seeds.map((seed) => ({
    seed,
    accuracy: Math.min(...own.filter((run) => run.seed === seed).map(({ accuracy }) => accuracy)),
  }));
  const targetOf = new Map(targets.map(({ seed, accuracy }) => [seed, accuracy]));
  const names = [...new Set(own.map(({ policy }) => policy))];
  const ofPolicy = (name: string) => own.filter(({ policy }) => policy === name);
  const [reference = '', ...others] = names;
  return {
    targets,
    policies: names.map((name) => resultOf(ofPolicy(name), targetOf)),
    versus: others.map((name) => versus(ofPolicy(name), ofPolicy(reference), targetOf)),
    variants: grouped(runs.filter(({ isOwnPulse }) => !isOwnPulse)).map((group) => resultOf(group, targetOf)),
  };
}

function grouped(runs: readonly ComparedRun[]): ComparedRun[][] {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const key = `${run.policy} ${run.pulse.widthUs}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()];
}

type Targets = ReadonlyMap<number, number>;

/** Where a run first had the target accuracy of its seed. */
const reached = ({ course, seed }: ComparedRun, targets: Targets): CoursePoint | undefined => {
  const target = targets.get(seed);
  return target === undefined ? undefined : course.find(({ accuracy }) => accuracy >= target);
};

function resultOf(runs: readonly ComparedRun[], targets: Targets): PolicyResult {
  const [first] = runs;
  if (first === undefined) throw new RangeError('a policy has at least one run');
  const sharedRel = mean(runs.map(sigmaRel));
  const over = (take: (run: ComparedRun) => number, rel = 0) =>
    mustBe(geometricInterval(runs.map(take), rel));
  const points = runs.flatMap((run) => reached(run, targets) ?? []);
  const overPoints = (take: (point: CoursePoint) => number) => mustBe(geometricInterval(points.map(take)));
  const perUpdate = (totalOf: (run: ComparedRun) => number) =>
    mean(runs.map((run) => (run.updates === 0 ? 0 : totalOf(run) / run.updates)));
  return {
    policy: first.policy,
    pulse: first.pulse,
    isOwnPulse: first.isOwnPulse,
    runs: runs.map(({ runId }) => runId),
    accuracy: mustBe(shareInterval(runs.map(({ accuracy }) => accuracy))),
    updates: over((run) => run.updates),
    pulses: over((run) => run.pulses),
    perUpdateFJ: over(({ cells }) => cells.mean ?? 0, sharedRel),
    totalFJ: over(({ cells }) => cells.total, sharedRel),
    boardTimeS: over((run) => run.boardTimeS),
    toTarget:
      points.length === 0
        ? null
        : {
            energyFJ: overPoints(({ energyFJ }) => energyFJ),
            updates: overPoints(({ updates }) => updates),
            boardTimeS: overPoints(({ boardTimeS }) => boardTimeS),
          },
    ratios: Object.fromEntries(
      boundNames.map((name) => [name, ratioTo(name, runs, sharedRel)]),
    ) as PolicyResult['ratios'],
    partsFJ: {
      ...(Object.fromEntries(
        cellParts.map((part) => [part, perUpdate((run) => run.partsFJ[part])]),
      ) as Record<CellPart, number>),
      reads: perUpdate((run) => run.readsFJ),
      board: perUpdate((run) => run.boardFJ),
    },
  };
}

const sigmaRel = ({ cells }: ComparedRun): number => (cells.sigma ?? 0) / (cells.mean ?? 1);

const ZJ_PER_FJ = 1e6;

function ratioTo(bound: BoundName, runs: readonly ComparedRun[], sharedRel: number): Interval | null {
  if (runs.some(({ boundsZJ }) => !(boundsZJ[bound] > 0))) return null;
  const ratios = runs.map(({ cells, boundsZJ }) => (cells.total * ZJ_PER_FJ) / boundsZJ[bound]);
  return mustBe(geometricInterval(ratios, sharedRel));
}

function versus(runs: readonly ComparedRun[], references: readonly ComparedRun[], targets: Targets): Versus {
  const bySeed = new Map(references.map((run) => [run.seed, run]));
  const pairs = runs.flatMap((run) => {
    const reference = bySeed.get(run.seed);
    return reference === undefined ? [] : [{ run, reference }];
  });
  const whole = mustBe(
    geometricInterval(pairs.map(({ run, reference }) => run.cells.total / reference.cells.total)),
  );
  const toTarget = geometricInterval(
    pairs.flatMap(({ run, reference }) => {
      const [mine, its] = [reached(run, targets), reached(reference, targets)];
      return mine === undefined || its === undefined ? [] : [mine.energyFJ / its.energyFJ];
    }),
  );
  return {
    policy: runs[0]?.policy ?? '',
    reference: references[0]?.policy ?? '',
    whole,
    wholeVerdict: verdictOf(whole),
    toTarget: toTarget ?? null,
    toTargetVerdict: toTarget === undefined ? null : verdictOf(toTarget),
  };
}

const verdictOf = ({ low, high }: Interval): Verdict => {
  if (low !== null && low > 1) return 'more';
  if (high !== null && high < 1) return 'less';
  return 'not told apart';
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function mustBe(interval: Interval | undefined): Interval {
  if (interval === undefined) throw new RangeError('there is nothing to take a mean of');
  return interval;
}
