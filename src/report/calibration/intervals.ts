import type { NodeParameters } from '../../../calibration/fit/node-parameters.ts';
import { tunnelingAt } from '../../../calibration/physics/temperature.ts';
import { type Tunneling, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import type { RecordedStage } from './recorded-stages.ts';

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
  readonly stages: readonly Stage[];
}

/** A node's record from reading to reading, by its fitted parameters. A stage of unknown length separates what can be compared. */
export function intervalsOf(
  node: number,
  record: readonly RecordedStage[],
  { tunneling, couplingRel, offsetV, temperatureScale }: NodeParameters,
): Interval[] {
  const intervals: Interval[] = [];
  let fromV: number | null = null;
  let stages: Stage[] = [];
  for (const { durationS, amplitudeV, temperatureK, readV } of record) {
    if (durationS === null) fromV = null;
    else {
      const boostV = amplitudeV * couplingRel;
      stages.push({
        durationS,
        amplitudeV,
        boostV,
        tunneling: tunnelingAt(tunneling, temperatureK, temperatureScale),
      });
    }
    if (readV === null) continue;
    const toV = readV - offsetV;
    if (fromV !== null) intervals.push({ node, fromV, toV, stages });
    fromV = toV;
    stages = [];
  }
  return intervals;
}

/** Fall of a node over stages, V. */
export const fallOverV = (nodeV: number, stages: readonly Stage[]): number =>
  stages.reduce(
    (dropV, { durationS, boostV, tunneling }) =>
      dropV + tunnelingDropV(nodeV - dropV, boostV, durationS, tunneling),
    0,
  );

/** Voltage that free decay over stages led to `nodeV`: the same closed form, backward in time. */
export const beforeDecayV = (nodeV: number, stages: readonly Stage[]): number =>
  stages.reduceRight(
    (atV, { durationS, tunneling }) => atV - tunnelingDropV(atV, 0, -durationS, tunneling),
    nodeV,
  );

/** The pulse of an interval that has exactly one, with the node's voltage at its beginning and end, the decay before and after taken out. */
export function onlyPulse({
  fromV,
  toV,
  stages,
}: Interval): { readonly pulse: Stage; readonly startV: number; readonly endV: number } | null {
  const at = stages.findIndex(({ boostV }) => boostV !== 0);
  const pulse = stages[at];
  const later = stages.slice(at + 1);
  if (pulse === undefined || later.some(({ boostV }) => boostV !== 0)) return null;
  return {
    pulse,
    startV: fromV - fallOverV(fromV, stages.slice(0, at)),
    endV: beforeDecayV(toV, later),
  };
}
