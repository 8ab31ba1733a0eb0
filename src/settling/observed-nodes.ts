import type { ObservedNode } from '../../calibration/inference/observed-node.ts';
import type { PossiblePulse } from '../../calibration/inference/slots-done.ts';
import type { Converters } from '../board/converters.ts';
import type { ArrayReading, DefinedWave } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import { boostSigmaRel, gateAt, rateSigmaRel } from '../chip/node-model.ts';
import { FnloopError } from '../core/errors.ts';
import { readSigmaV } from '../ledger/account.ts';
import type { KnownNode } from './node-memory.ts';

const US_PER_S = 1e6;

/** What turns codes into what the physics knows. */
export interface Readable {
  readonly chip: ChipModel;
  readonly converters: Converters;
}

/**
 * Nodes as they were known, at the latest at `knownAtUs` of the board's clock then, and as a reading has them now. Those that clip, and
 * those of which nothing is known, are left out.
 */
export function observedNodes(
  known: readonly KnownNode[],
  knownAtUs: number,
  { cells, boardTimeUs, temperatureK }: ArrayReading,
  { chip, converters }: Readable,
): ObservedNode[] {
  const sigmaV = readSigmaV(chip.device, converters);
  const atK = chip.temperatureK(temperatureK);
  const after = new Map(
    cells.flatMap(({ cell, setCode, resetCode, convertedUs }) =>
      [setCode, resetCode].map((code, side) => [2 * cell + side, { code, convertedUs }] as const),
    ),
  );
  return known.flatMap(({ node, code, atUs }) => {
    const now = after.get(node);
    const isUsable = (adcCode: number) => adcCode > 0 && !converters.isClipped(adcCode);
    const model = chip.node(node);
    if (now === undefined || model === undefined || !isUsable(code) || !isUsable(now.code)) return [];
    const beforeV = code * converters.nodeVPerCode;
    const gate = gateAt(model, beforeV, atK);
    return [
      {
        node,
        beforeV: gate.nodeV,
        beforeSigmaV: sigmaV,
        beforeAtS: (atUs - knownAtUs) / US_PER_S,
        afterV: now.code * converters.nodeVPerCode - model.parameters.offsetV,
        afterSigmaV: sigmaV,
        afterAtS: (now.convertedUs - boardTimeUs) / US_PER_S,
        tunneling: gate.tunneling,
        rateRel: rateSigmaRel(model, beforeV),
        boostRel: boostSigmaRel(model),
      },
    ];
  });
}

/** A pulse as the physics knows it. On a node of which nothing is known it tells nothing, whatever its boost. */
export function possiblePulse(
  node: number,
  wave: number,
  waves: ReadonlyMap<number, DefinedWave>,
  { chip, converters }: Readable,
): PossiblePulse {
  const shape = waves.get(wave);
  if (shape === undefined) throw new FnloopError('invariant', `Wave ${wave} of an open batch is not known.`);
  const amplitudeV = shape.dacCode * converters.amplitudeVPerCode * chip.device.dacGain.value;
  const couplingRel = chip.node(node)?.parameters.couplingRel ?? 0;
  return { node, boostV: couplingRel * amplitudeV, widthS: shape.widthUs / US_PER_S };
}
