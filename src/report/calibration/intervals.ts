import type { NodeParameters } from '../../../calibration/fit/node-parameters.ts';
import { temperatureLaw, tunnelingAt } from '../../../calibration/physics/temperature.ts';
import { type Tunneling, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import type { Calibration, CalibrationPoints } from '../../chip/calibration.ts';

/** A constant pulse amplitude (0: none) for some time, and the node's parameters then. */
export interface Stage {
  readonly durationS: number;
  readonly amplitudeV: number;
  readonly boostV: number;
  readonly tunneling: Tunneling;
}

/** What happened to a node between one reading and the next. */
export interface Interval {
  readonly node: number;
  /** Node voltages, the fitted offset of the read path taken out. */
  readonly fromV: number;
  readonly toV: number;
  /** Of the later reading, since the beginning of the node's record, s; time that nobody knows is not counted. */
  readonly endS: number;
  readonly stages: readonly Stage[];
}

const US_PER_S = 1e6;

export interface IntervalSettings {
  readonly board: Pick<Calibration['board'], 'nodeVPerCode' | 'amplitudeVPerCode'>;
  readonly dacGain: number;
  /** Readings beyond it are left out: there the model does not hold, or the converter was at its end. */
  readonly validNodeV: { readonly min: number; readonly max: number };
}

/** A node's record from reading to reading, by its fitted parameters. A stage of unknown length separates what can be compared. */
export function intervalsOf(
  points: CalibrationPoints,
  parameters: NodeParameters,
  { board, dacGain, validNodeV }: IntervalSettings,
): Interval[] {
  const intervals: Interval[] = [];
  let fromV: number | null = null;
  let stages: Stage[] = [];
  let timeS = 0;
  for (const [index, durationUs] of points.durationUs.entries()) {
    if (durationUs === null) {
      fromV = null;
    } else {
      const durationS = durationUs / US_PER_S;
      timeS += durationS;
      stages.push({
        durationS,
        ...boostOf(points.dacCode[index] ?? 0, board.amplitudeVPerCode * dacGain, parameters.couplingRel),
        tunneling: tunnelingAt(
          parameters.tunneling,
          points.temperatureK[index] ?? temperatureLaw.referenceK,
          parameters.temperatureScale,
        ),
      });
    }
    const code = points.code[index] ?? null;
    if (code === null) continue;
    const readV = code * board.nodeVPerCode;
    const toV = readV - parameters.offsetV;
    const isValid = readV >= validNodeV.min && readV <= validNodeV.max;
    if (fromV !== null && isValid) intervals.push({ node: points.node, fromV, toV, endS: timeS, stages });
    fromV = isValid ? toV : null;
    stages = [];
  }
  return intervals;
}

function boostOf(dacCode: number, amplitudeVPerCode: number, couplingRel: number) {
  const amplitudeV = dacCode * amplitudeVPerCode;
  return { amplitudeV, boostV: amplitudeV * couplingRel };
}

/** Fall of a node over stages, V, and how much of a change of the voltage before is left after (dV'/dV). */
export function fallOver(
  nodeV: number,
  stages: readonly Stage[],
): { readonly dropV: number; readonly slope: number } {
  let dropV = 0;
  let slope = 1;
  for (const { durationS, boostV, tunneling } of stages) {
    const beforeV = nodeV - dropV + boostV;
    const fallV = tunnelingDropV(beforeV - boostV, boostV, durationS, tunneling);
    const afterV = beforeV - fallV;
    slope *= (afterV / beforeV) ** 2 * Math.exp(-(tunneling.k2V * fallV) / (beforeV * afterV));
    dropV += fallV;
  }
  return { dropV, slope };
}

/** Voltage that free decay over stages led to `nodeV`: the same closed form, backward in time. */
export function beforeDecayV(nodeV: number, stages: readonly Stage[]): number {
  return stages.reduceRight(
    (atV, { durationS, tunneling }) => atV - tunnelingDropV(atV, 0, -durationS, tunneling),
    nodeV,
  );
}
