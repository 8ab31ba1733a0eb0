import type { Action, MeasurementPlan } from '../../calibration/design/measurement-plan.ts';
import { planMeasurement } from '../../calibration/design/plan-measurement.ts';
import type { Device } from '../../calibration/devices.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import { maxPulsesPerBatch } from '../../firmware-protocol/capacity.ts';
import { type Converters, convertersOf } from '../board/converters.ts';
import { waveProblems } from '../board/limits.ts';
import { conversionUs } from '../board/timing.ts';
import type { ArrayReading, BoardIdentity, Wave } from '../board/types.ts';
import type { CalibrateSettings } from '../config/calibrate.ts';
import { readSigmaV } from '../ledger/account.ts';
import { excesses, voltSecondsOf } from '../scheduling/budget.ts';
import { NodeUsage } from '../scheduling/node-usage.ts';
import { type Stress, stressOf } from '../scheduling/stress.ts';
import type { MeasurementSteps } from './measurement.ts';
import { pulseGroups } from './pulse-groups.ts';
import { type ReadableNodes, readableNodes } from './readable-nodes.ts';

/** What a calibration would do to a board: data, nothing sent. */
export interface CalibrationPlan {
  readonly measurement: MeasurementPlan;
  /** The pulse shapes of its actions, numbered from 0. */
  readonly waves: readonly Wave[];
  /** The wave of the one SET pulse on each cell that tells the sign of the weight. */
  readonly signWave: number;
  readonly readable: ReadableNodes;
  /** What it is expected to add to each node. */
  readonly added: NodeUsage;
  readonly stress: readonly Stress[];
  /** Why it would be refused, each a sentence; empty where it would be accepted. */
  readonly problems: readonly string[];
}

/** What a plan has a board do. */
export const stepsOf = ({ measurement, waves, signWave, readable }: CalibrationPlan): MeasurementSteps => ({
  actions: measurement.actions.map(({ action }) => action),
  waves,
  signWave,
  nodes: readable.nodes,
});

export interface CalibrationPlanParts {
  readonly board: BoardIdentity;
  readonly device: Device;
  readonly settings: CalibrateSettings;
  /** The array, read a few times. */
  readonly readings: readonly ArrayReading[];
  /** What the board's nodes have received before. */
  readonly past: NodeUsage;
  /** A measurement that was begun, and how many of its actions are done. */
  readonly begun?: { readonly measurement: MeasurementPlan; readonly actionsDone: number } | undefined;
}

const US_PER_S = 1e6;
/** The sign of the weight is told by so many standard errors, as the model expects. */
const SIGN_SIGMAS = 50;

/** What is believed of a node of a device before it is measured. */
export const believedOf = (device: Device, converters: Converters): FitSettings => ({
  start: {
    tunneling: device.tunneling,
    couplingRel: device.couplingFF.value / device.nodeCapacitanceFF.value,
    offsetV: 0,
    temperatureScale: 1,
  },
  readNoiseV: readSigmaV(device, converters),
  nodeCapacitanceFF: device.nodeCapacitanceFF.value,
  offsetSigmaV: device.readOffsetSigmaV,
  validNodeV: device.validNodeV,
});

/** Plans a calibration from the present state of the array, or what is left of one. Throws `chip-unfit` as `readableNodes`. */
export function planCalibration(parts: CalibrationPlanParts): CalibrationPlan {
  const { board, device, settings, readings, past, begun } = parts;
  const converters = convertersOf(board);
  const readable = readableNodes(readings, { boardId: board.boardId, device, converters });
  const measurement = begun?.measurement ?? measurementOf(parts, readable, converters);
  const waves = wavesOf(measurement);
  const actions = measurement.actions.slice(begun?.actionsDone ?? 0).map(({ action }) => action);
  const signWave = signWaveOf(waves, parts, readable, converters);
  const added = wearOf(actions, parts, readable, waves[signWave]);
  const limits = settings.budget ?? {};
  const groups = pulseGroups(new Set(readable.nodes), 1, board);
  const mostPulsesInBatch = Math.min(
    maxPulsesPerBatch(board.lineBytes),
    Math.max(0, ...groups.map(({ cells }) => cells.length)),
  );
  return {
    measurement,
    waves,
    signWave,
    readable,
    added,
    stress: stressOf({ board, waves, mostPulsesInBatch, limits, past, added }),
    problems: [...problemsOf(waves, board), ...excesses(limits, past, added)],
  };
}

function measurementOf(
  { board, device, settings }: CalibrationPlanParts,
  readable: ReadableNodes,
  converters: Converters,
): MeasurementPlan {
  const { limits, target } = settings;
  const groups = pulseGroups(new Set(readable.nodes), 1, board);
  return planMeasurement({
    nodeV: readable.meanV,
    believed: believedOf(device, converters),
    limits: {
      maxAmplitudeV: Math.min(limits.maxAmplitudeV, board.maxAmplitudeV),
      minWidthS: board.minWidthUs / US_PER_S,
      maxWidthS: Math.min(limits.maxWidthS, board.maxWidthUs / US_PER_S),
      maxBoardTimeS: limits.maxBoardTimeS,
      minNodeV: limits.minNodeV ?? device.validNodeV.min,
      maxPulsesPerNode: limits.maxPulsesPerNode,
    },
    target,
    timing: {
      readS: conversionUs(2 * board.rows * board.columns, board) / US_PER_S,
      pulseOverheadS:
        groups.reduce((sum, { cells }) => sum + 2 * conversionUs(cells.length, board), 0) / US_PER_S,
    },
  });
}

/** The wave of a pulse action. */
export const shapeOf = (action: Extract<Action, { kind: 'pulse' }>): Omit<Wave, 'wave'> => ({
  amplitudeV: action.amplitudeV,
  widthUs: Math.round(action.widthS * US_PER_S),
});

function wavesOf({ actions }: MeasurementPlan): Wave[] {
  const shapes = new Map<string, Omit<Wave, 'wave'>>();
  for (const { action } of actions) {
    if (action.kind !== 'pulse') continue;
    const shape = shapeOf(action);
    shapes.set(`${shape.amplitudeV} ${shape.widthUs}`, shape);
  }
  return [...shapes.values()].map((shape, wave) => ({ wave, ...shape }));
}

function problemsOf(waves: readonly Wave[], board: BoardIdentity): string[] {
  if (waves.length === 0)
    return [
      'The plan has no pulse, so the coupling of the nodes would stay unknown: allow more of them, or more time.',
    ];
  if (waves.length > board.waves) {
    return [
      `The plan has pulses of ${waves.length} shapes, and board ${board.boardId} takes ${board.waves}: lower limits.maxWidthS or limits.maxAmplitudeV.`,
    ];
  }
  return waves.flatMap((wave) => waveProblems(wave, board));
}

/** The weakest wave whose response, meant over all cells, is far above the noise of readings; else the strongest. */
function signWaveOf(
  waves: readonly Wave[],
  { device }: CalibrationPlanParts,
  { nodes, meanV }: ReadableNodes,
  converters: Converters,
): number {
  const sigmaV = (2 * readSigmaV(device, converters)) / Math.sqrt(Math.max(1, nodes.length / 2));
  const byResponse = waves
    .map((wave) => ({ wave: wave.wave, dropV: dropOf(wave, meanV, device) }))
    .sort((one, other) => one.dropV - other.dropV);
  return (byResponse.find(({ dropV }) => dropV > SIGN_SIGMAS * sigmaV) ?? byResponse.at(-1))?.wave ?? 0;
}

function dropOf({ amplitudeV, widthUs }: Omit<Wave, 'wave'>, nodeV: number, device: Device): number {
  const couplingRel = device.couplingFF.value / device.nodeCapacitanceFF.value;
  const boostV = couplingRel * amplitudeV * device.dacGain.value;
  return tunnelingDropV(nodeV, boostV, widthUs / US_PER_S, device.tunneling);
}

/** What the actions, and the pulse for the sign, do to each readable node: the charge is that of a nominal one. */
function wearOf(
  actions: readonly Action[],
  { device }: CalibrationPlanParts,
  { nodes, meanV }: ReadableNodes,
  signWave: Wave | undefined,
): NodeUsage {
  let nodeV = meanV;
  const total = { pulses: 0, voltSeconds: 0, chargeFC: 0 };
  const pulse = (wave: Omit<Wave, 'wave'>) => {
    const dropV = dropOf(wave, nodeV, device);
    nodeV -= dropV;
    total.pulses += 1;
    total.voltSeconds += voltSecondsOf({ wave: 0, ...wave });
    total.chargeFC += device.nodeCapacitanceFF.value * dropV;
  };
  if (signWave !== undefined) pulse(signWave);
  for (const action of actions) {
    if (action.kind === 'pulse') pulse(shapeOf(action));
    else if (action.kind === 'rest') nodeV -= tunnelingDropV(nodeV, 0, action.durationS, device.tunneling);
  }
  const added = new NodeUsage();
  for (const node of nodes) added.add(node, total);
  return added;
}
