import { CellArray } from '../../mocks/cell-array.ts';
import { DEFAULT_CELLS, type MockChoices } from '../../mocks/index.ts';
import { presets } from '../../mocks/presets.ts';
import type { TrueNode } from './calibration.ts';

/** The hidden parameters of each node of the chip that a mock with these choices has. */
export function trueNodesOf({
  preset: name,
  cells = DEFAULT_CELLS,
  seed = 1,
  mismatch,
}: MockChoices): TrueNode[] {
  const preset = presets[name];
  if (preset === undefined) throw new Error(`there is no preset ${name}`);
  const array = new CellArray(preset, { cells, seed, noise: false, mismatch: mismatch !== 'off' });
  return Array.from({ length: 2 * cells }, (_, node) => {
    const { k1PerS, k2V, couplingFF, nodeCapacitanceFF } = array.gate(
      Math.floor(node / 2),
      node % 2 === 0 ? 'SET' : 'RESET',
    ).parameters;
    return { k1PerS, k2V, couplingRel: couplingFF / nodeCapacitanceFF, offsetV: 0 };
  });
}
