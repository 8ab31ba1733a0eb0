import { ELEMENTARY_CHARGE_C } from '../constants.ts';
import { DecayingNode } from './decaying-node.ts';
import { NormalEquations3, type Solution3 } from './normal-equations.ts';
import { checkObserved, type ObservedNode } from './observed-node.ts';

/** What all nodes of an array share. */
export interface Shared {
  /** Prior of the elapsed time; a sigma of Infinity says that nothing is known. */
  readonly elapsed: { readonly priorS: number; readonly sigmaS: number };
  /** Relative sigma of tunneling rate and of boost, the same for all nodes. */
  readonly rateRel: number;
  readonly boostRel: number;
  /** C_T, fF: sets the shot noise. */
  readonly nodeCapacitanceFF: number;
}

/** How well one account of what was pulsed explains the array, with the elapsed time that suits it best. */
export interface DecayFit {
  /** From the start of the first slot to the reading, s. */
  readonly elapsedS: number;
  readonly elapsedSigmaS: number;
  /** Sum of squares over nodes and priors, each in units of its sigma. */
  readonly chi2: number;
  /** ln of the likelihood, integrated over elapsed time and shared factors; without constants. */
  readonly logLikelihood: number;
}

/** Longer than a board is ever left alone, yet finite, so that an array without nodes is no special case. */
const UNKNOWN_S = 1e7;
const FC_PER_C = 1e15;
/** The linear model is exact to 10 nV within this part of the array's time constant, and of the factors. */
const LINEAR_TIME_REL = 3e-4;
const LINEAR_FACTOR_REL = 1e-3;
const MAX_PASSES = 20;

/**
 * An array that decayed for an unknown time, with unknown common factors of rate and boost; THEORY.md,
 * equations 14 and 15. Pulse its nodes in order and fit between.
 *
 * A pulse changes one node's terms only. All are formed anew only where a fit leaves the range in which
 * the model was linearized.
 */
export class ArrayDecay {
  readonly #shared: Shared;
  readonly #elapsedSigmaS: number;
  readonly #electronV: number;
  readonly #nodes: readonly DecayingNode[];
  readonly #nodeOf: ReadonlyMap<number, DecayingNode>;
  readonly #linearS: number;

  /** Where the model is linearized; the factors are less one, in units of their sigmas. */
  #elapsedS: number;
  #rate = 0;
  #boost = 0;
  #equations = new NormalEquations3();
  #logVariances = 0;

  /** Throws RangeError for a node without a voltage or a sigma, and for a prior without a sigma. */
  constructor(observed: readonly ObservedNode[], shared: Shared) {
    const { sigmaS, priorS } = shared.elapsed;
    if (!(sigmaS > 0)) throw new RangeError(`elapsed: expected a sigma above 0 s, found ${sigmaS}`);
    observed.forEach(checkObserved);
    this.#shared = shared;
    this.#elapsedSigmaS = Math.min(sigmaS, UNKNOWN_S);
    this.#electronV = (ELEMENTARY_CHARGE_C * FC_PER_C) / shared.nodeCapacitanceFF;
    this.#nodes = observed.map((node) => new DecayingNode(node));
    this.#nodeOf = new Map(this.#nodes.map((node) => [node.observed.node, node]));
    this.#elapsedS = medianOf(this.#nodes.map((node) => node.elapsedIfFreeS)) ?? priorS;
    const constantS = medianOf(this.#nodes.map((node) => node.plasticityS)) ?? UNKNOWN_S;
    this.#linearS = LINEAR_TIME_REL * (constantS + Math.max(0, this.#elapsedS));
    this.#linearize();
  }

  /** Adds a pulse that started `atS` after the first slot did; of a node that was not read it tells nothing. */
  pulse(node: number, atS: number, boostV: number, widthS: number): void {
    const pulsed = this.#nodeOf.get(node);
    if (pulsed === undefined) return;
    this.#tally(pulsed, -1);
    pulsed.pulse(atS, boostV, widthS);
    this.#tally(pulsed, 1);
  }

  /** Newton's method on elapsed time and common factors, with the variances of the best point. */
  fit(): DecayFit {
    let solution = this.#equations.solve();
    for (let pass = 1; pass < MAX_PASSES && !this.#isLinear(solution); pass += 1) {
      this.#elapsedS += solution.c;
      this.#rate += solution.a;
      this.#boost += solution.b;
      this.#linearize();
      solution = this.#equations.solve();
    }
    const { chi2, logDeterminant, c, sigmaC } = solution;
    return {
      elapsedS: this.#elapsedS + c,
      elapsedSigmaS: sigmaC,
      chi2,
      logLikelihood: -(chi2 + this.#logVariances + logDeterminant) / 2,
    };
  }

  #isLinear({ a, b, c }: Solution3): boolean {
    const { rateRel, boostRel } = this.#shared;
    return (
      Math.abs(c) < this.#linearS &&
      Math.abs(a) * rateRel < LINEAR_FACTOR_REL &&
      Math.abs(b) * boostRel < LINEAR_FACTOR_REL
    );
  }

  #linearize(): void {
    this.#equations = new NormalEquations3();
    this.#logVariances = 0;
    this.#equations.add(1, -this.#rate, 1, 0, 0);
    this.#equations.add(1, -this.#boost, 0, 1, 0);
    const lackS = this.#shared.elapsed.priorS - this.#elapsedS;
    this.#equations.add(1 / this.#elapsedSigmaS ** 2, lackS, 0, 0, 1);
    for (const node of this.#nodes) this.#tally(node, 1);
  }

  /** Adds a node's terms (`sign` 1) or takes out those that it has had so far (-1). */
  #tally(node: DecayingNode, sign: 1 | -1): void {
    const { rateRel, boostRel } = this.#shared;
    const { observed, worthS, perBoostRelS } = node;
    const rateFactor = 1 + rateRel * this.#rate;
    const nominalS = this.#elapsedS + node.extraS + worthS + boostRel * this.#boost * perBoostRelS;
    const decayS = rateFactor * nominalS;
    const { dropV, rateVPerS, memory } = node.fallAfter(decayS);

    const variance =
      (memory * observed.beforeSigmaV) ** 2 +
      observed.afterSigmaV ** 2 +
      (observed.rateRel * rateVPerS * decayS) ** 2 +
      (observed.boostRel * rateVPerS * perBoostRelS) ** 2 +
      this.#electronV * Math.abs(dropV);
    this.#logVariances += sign * Math.log(variance);
    const perS = rateVPerS * rateFactor;
    this.#equations.add(
      sign / variance,
      node.fallenV - dropV,
      rateVPerS * nominalS * rateRel,
      perS * perBoostRelS * boostRel,
      perS,
    );
  }
}

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)];
}
