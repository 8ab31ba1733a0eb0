import { type ChipChoices, createChip } from '../../mocks/index.ts';
import type { TrueNode } from './calibration.ts';

/** The hidden parameters of each node of the chip that a mock with these choices has, as its board reads them. */
export function trueNodesOf(choices: ChipChoices): TrueNode[] {
  const { nodes, readGainRel, channelOffsetV, dacGain } = createChip(choices).truth;
  const nominalDacGain = createChip({ ...choices, mismatch: 'off' }).truth.dacGain;
  const gain = 1 + readGainRel;
  return nodes.map(({ k1PerS, k2V, couplingRel }, node) => ({
    k1PerS,
    k2V: k2V * gain,
    couplingRel: (couplingRel * gain * dacGain) / nominalDacGain,
    offsetV: (channelOffsetV[node % channelOffsetV.length] ?? 0) * gain,
  }));
}
