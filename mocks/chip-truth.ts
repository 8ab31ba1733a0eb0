import type { PulseKind } from '../firmware-protocol/slots.ts';
import type { Chip } from './chip.ts';
import type { ChipDesign, ConverterErrors, Defect } from './chip-design.ts';
import type { ThermalLaw } from './thermal.ts';

/** What one node really is; tunneling at the reference temperature of the chip's thermal law. */
export interface NodeTruth {
  readonly cell: number;
  readonly kind: PulseKind;
  readonly k1PerS: number;
  readonly k2V: number;
  readonly nodeCapacitanceFF: number;
  readonly couplingFF: number;
  /** C_C / C_T. */
  readonly couplingRel: number;
  /** What it was programmed to. */
  readonly startV: number;
  readonly defect: Defect | null;
  /** Time constant of its leak; null where it does not leak. */
  readonly leakS: number | null;
}

/** The hidden parameters of a chip, for those who check what was inferred of them. */
export interface ChipTruth extends ConverterErrors {
  readonly seed: number;
  readonly rows: number;
  readonly columns: number;
  /** At the time up to which it has been busy. */
  readonly temperatureK: number;
  readonly driftKPerHour: number;
  readonly thermal: ThermalLaw;
  readonly disturbRel: number;
  /** By node number: S and R of cell 0, S and R of cell 1, ... */
  readonly nodes: readonly NodeTruth[];
}

export function truthOf(
  { options: { preset, seed }, array: { rows, columns }, temperatureK, driftKPerHour }: Chip,
  { gates, defects, converters }: ChipDesign,
): ChipTruth {
  return {
    seed,
    rows,
    columns,
    temperatureK,
    driftKPerHour,
    thermal: preset.thermal,
    disturbRel: preset.disturbRel,
    ...converters,
    nodes: gates.map(({ k1PerS, k2V, nodeCapacitanceFF, couplingFF, startV, leakS }, node) => ({
      cell: Math.floor(node / 2),
      kind: node % 2 === 0 ? 'SET' : 'RESET',
      k1PerS,
      k2V,
      nodeCapacitanceFF,
      couplingFF,
      couplingRel: couplingFF / nodeCapacitanceFF,
      startV,
      defect: defects[node] ?? null,
      leakS: leakS ?? null,
    })),
  };
}
