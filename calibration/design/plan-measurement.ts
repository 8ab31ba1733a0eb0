import { covarianceOf } from '../fit/covariance.ts';
import type { FitSettings } from '../fit/fit-settings.ts';
import { electronV, filterPoint, NodeFilter, SIZE } from '../fit/node-filter.ts';
import { predictDrop } from '../fit/predict.ts';
import { addPriors, priorsOf } from '../fit/priors.ts';
import { cholesky } from '../linear/symmetric.ts';
import { temperatureLaw } from '../physics/temperature.ts';
import type { Action, Expected, MeasurementPlan, PlannedAction } from './measurement-plan.ts';

export interface DesignSettings {
  /** Mean node voltage now, V. */
  readonly nodeV: number;
  /** Nominal parameters and noise: the plan is as good as they are near. */
  readonly believed: FitSettings;
  readonly limits: {
    readonly maxAmplitudeV: number;
    readonly minWidthS: number;
    readonly maxWidthS: number;
    readonly maxBoardTimeS: number;
    /** Nodes are not to fall below, V. */
    readonly minNodeV: number;
    readonly maxPulsesPerNode: number;
  };
  /** Relative sigmas at which it is enough: of k2, and of the response to a pulse. */
  readonly target: { readonly k2Rel: number; readonly responseRel: number };
  readonly timing: {
    /** Board time of reading the whole array, s. */
    readonly readS: number;
    /** Board time of a pulse action beyond four times its width: conversions around its slots, s. */
    readonly pulseOverheadS: number;
  };
}

const REFERENCE_PULSE = { amplitudeV: 3, widthS: 0.05 };
const RESTS_S = [1, 3, 10, 30, 100, 300, 1000, 3000];
const AMPLITUDES_V = [1, 2, 3, 4, 5];
const WIDTHS_S = [0.01, 0.05, 0.2, 1];
/** What an action costs beside its own time, s: a reading and a row of the plan; and what a pulse costs, for it ages the cells. */
const ACTION_COST_S = 1;
const PULSE_COST_S = 10;
const FIRST_REPEATS = 8;
const PULSED_SLOTS = 4;

/**
 * Repeated readings first, which tell the noise; then one pulse of each amplitude and width, which tell whether the law
 * holds at all; then, again and again, the action that most reduces the uncertainty of k1, k2 and the coupling ratio of a
 * nominal node for what it costs (greedy D-optimal design), until the targets or a limit are reached; THEORY.md, equation 22.
 */
export function planMeasurement(settings: DesignSettings): MeasurementPlan {
  const designer = new Designer(settings);
  const actions: PlannedAction[] = [];
  let state = designer.start();
  let stoppedBy: MeasurementPlan['stoppedBy'];
  const go = (next: State, action: Action) => {
    state = next;
    actions.push({ action, boardTimeS: next.boardTimeS, nodeV: next.filter.nodeV, expected: next.expected });
  };
  const repeats: Action = { kind: 'read', repeats: FIRST_REPEATS };
  go(designer.after(state, repeats), repeats);
  for (const pulse of designer.sweep) {
    const next = designer.after(state, pulse);
    if (designer.limitMet(next) === undefined) go(next, pulse);
  }
  for (;;) {
    if (designer.isEnough(state)) {
      stoppedBy = 'target';
      break;
    }
    const found = designer.best(state);
    if (typeof found === 'string') {
      stoppedBy = found;
      break;
    }
    go(found.state, found.action);
  }
  return {
    actions,
    expected: state.expected,
    boardTimeS: state.boardTimeS,
    pulsesPerNode: state.pulses,
    voltSecondsPerNode: state.voltSeconds,
    stoppedBy,
  };
}

type Limit = Exclude<MeasurementPlan['stoppedBy'], 'target'>;

interface State {
  readonly filter: NodeFilter;
  readonly boardTimeS: number;
  readonly pulses: number;
  readonly voltSeconds: number;
  readonly expected: Expected;
  /** -1/2 ln det of the covariance of ln k1, k2 and coupling ratio: what is known. */
  readonly knowledge: number;
}

/** Imagined measurements of one nominal node whose readings say just what is expected. */
class Designer {
  readonly #settings: DesignSettings;
  /** One pulse of each shape. */
  readonly sweep: readonly Action[];
  readonly #candidates: readonly Action[];

  constructor(settings: DesignSettings) {
    const { maxAmplitudeV, minWidthS, maxWidthS, maxBoardTimeS } = settings.limits;
    this.#settings = settings;
    const rests = RESTS_S.filter((durationS) => durationS <= maxBoardTimeS);
    const widthsS = WIDTHS_S.filter((widthS) => widthS >= minWidthS && widthS <= maxWidthS);
    const amplitudesV = AMPLITUDES_V.filter((amplitudeV) => amplitudeV <= maxAmplitudeV);
    this.sweep = amplitudesV.flatMap((amplitudeV) =>
      widthsS.map((widthS): Action => ({ kind: 'pulse', amplitudeV, widthS })),
    );
    this.#candidates = [...rests.map((durationS): Action => ({ kind: 'rest', durationS })), ...this.sweep];
  }

  start(): State {
    const { believed, nodeV } = this.#settings;
    const filter = new NodeFilter(filterPoint(believed.start, nodeV), {
      readVariance: believed.readNoiseV ** 2,
      electronV: electronV(believed.nodeCapacitanceFF),
    });
    filter.observe(nodeV);
    return this.#state(filter, 0, 0, 0);
  }

  isEnough({ expected, pulses }: State): boolean {
    const { target, believed } = this.#settings;
    // Without a pulse the coupling ratio is only what was believed before.
    return (
      pulses > 0 &&
      expected.k2V <= target.k2Rel * believed.start.tunneling.k2V &&
      expected.responseRel <= target.responseRel
    );
  }

  /** The action that tells most for its time, and what is known after it; or the limit that forbids all. */
  best(state: State): { readonly action: Action; readonly state: State } | Limit {
    let best: { readonly action: Action; readonly state: State; readonly worth: number } | undefined;
    let reason: Limit = 'boardTimeS';
    for (const action of this.#candidates) {
      const next = this.after(state, action);
      const met = this.limitMet(next);
      if (met !== undefined) {
        reason = met;
        continue;
      }
      const costS =
        next.boardTimeS - state.boardTimeS + ACTION_COST_S + (action.kind === 'pulse' ? PULSE_COST_S : 0);
      const worth = (next.knowledge - state.knowledge) / costS;
      if (best === undefined || worth > best.worth) best = { action, state: next, worth };
    }
    return best ?? reason;
  }

  /** The limit that a state is beyond. */
  limitMet({ boardTimeS, filter, pulses }: State): Limit | undefined {
    const { maxBoardTimeS, minNodeV, maxPulsesPerNode } = this.#settings.limits;
    if (boardTimeS > maxBoardTimeS) return 'boardTimeS';
    if (filter.nodeV < minNodeV) return 'nodeV';
    return pulses > maxPulsesPerNode ? 'pulses' : undefined;
  }

  after(state: State, action: Action): State {
    const { timing } = this.#settings;
    const filter = state.filter.clone();
    const pass = (seconds: number, amplitudeV = 0) =>
      filter.propagate(seconds, amplitudeV, temperatureLaw.referenceK);
    const look = () => filter.observe(filter.expectedV);
    let elapsedS = timing.readS;
    switch (action.kind) {
      case 'read':
        for (let repeat = 1; repeat < action.repeats; repeat += 1) {
          pass(timing.readS);
          look();
        }
        elapsedS *= action.repeats;
        break;
      case 'rest':
        pass(action.durationS);
        elapsedS += action.durationS;
        break;
      case 'pulse': {
        const idleS = (PULSED_SLOTS - 1) * action.widthS + timing.pulseOverheadS;
        look();
        pass(action.widthS, action.amplitudeV);
        look();
        pass(idleS);
        elapsedS += action.widthS + idleS;
      }
    }
    pass(timing.readS);
    look();
    const isPulse = action.kind === 'pulse';
    return this.#state(
      filter,
      state.boardTimeS + elapsedS,
      state.pulses + (isPulse ? 1 : 0),
      state.voltSeconds + (isPulse ? action.amplitudeV * action.widthS : 0),
    );
  }

  #state(filter: NodeFilter, boardTimeS: number, pulses: number, voltSeconds: number): State {
    const { believed, nodeV } = this.#settings;
    const informed = filter.clone();
    const point = filterPoint(believed.start, nodeV);
    addPriors(informed, priorsOf(point, believed), point);
    const factor = cholesky(informed.information, SIZE);
    if (factor === undefined) throw new RangeError('the believed parameters have no finite sigmas');
    const covariance = covarianceOf(factor, nodeV);
    const sigma = (index: number) => Math.sqrt(covariance[index]?.[index] ?? 0);
    const response = predictDrop(
      { parameters: believed.start, covariance },
      { ...REFERENCE_PULSE, nodeV: filter.expectedV, temperatureK: temperatureLaw.referenceK },
    );
    return {
      filter,
      boardTimeS,
      pulses,
      voltSeconds,
      expected: {
        lnK1: sigma(0),
        k2V: sigma(1),
        couplingRel: sigma(2),
        responseRel: response.sigmaV / response.dropV,
      },
      knowledge: -0.5 * Math.log(determinant3(covariance)),
    };
  }
}

function determinant3(matrix: readonly (readonly number[])[]): number {
  const packed = new Float64Array(6);
  for (let row = 0, entry = 0; row < 3; row += 1)
    for (let column = 0; column <= row; column += 1, entry += 1) packed[entry] = matrix[row]?.[column] ?? 0;
  const factor = cholesky(packed, 3);
  if (factor === undefined) return 0;
  return ((factor[0] ?? 0) * (factor[2] ?? 0) * (factor[5] ?? 0)) ** 2;
}
