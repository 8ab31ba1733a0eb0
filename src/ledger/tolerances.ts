import type { Device } from '../../calibration/devices.ts';

/** A number for each uncertain parameter that an estimate may lean on. */
export type PerParameter = Readonly<Record<Parameter, number>>;
type Parameter = 'nodeCapacitanceFF' | 'couplingFF' | 'dacGain' | 'readGain' | 'decayRate';

/** Relative sigma of each parameter: the part that differs from node to node, or the part that all nodes share. */
export const tolerancesOf = (device: Device, part: 'nodeRel' | 'commonRel'): PerParameter => ({
  nodeCapacitanceFF: device.nodeCapacitanceFF[part],
  couplingFF: device.couplingFF[part],
  dacGain: device.dacGain[part],
  readGain: device.readGain[part],
  decayRate: device.decayRate[part],
});

/**
 * Sigma of an estimate that moves by `slopes` for a relative change of one in each parameter. A plain root of
 * squares: Math.hypot guards against overflow, which these magnitudes are far from, and takes ten times as long.
 */
export function spread(slopes: PerParameter, tolerances: PerParameter): number {
  const nodeCapacitance = slopes.nodeCapacitanceFF * tolerances.nodeCapacitanceFF;
  const coupling = slopes.couplingFF * tolerances.couplingFF;
  const dacGain = slopes.dacGain * tolerances.dacGain;
  const readGain = slopes.readGain * tolerances.readGain;
  const decayRate = slopes.decayRate * tolerances.decayRate;
  return Math.sqrt(
    nodeCapacitance * nodeCapacitance +
      coupling * coupling +
      dacGain * dacGain +
      readGain * readGain +
      decayRate * decayRate,
  );
}
