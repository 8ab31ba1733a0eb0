import { agreementOf } from '../../calibration/inference/agreement.ts';
import type { Board } from '../board/board.ts';
import { convertersOf } from '../board/converters.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { ArrayReading, CellReading } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import type { CellAgreement } from '../store/interruptions.ts';
import type { RunFile } from '../store/run-file.ts';
import { NodeMemory } from './node-memory.ts';
import { observedNodes, possiblePulse } from './observed-nodes.ts';
import { wavesOf } from './open-intents.ts';
import { recall } from './settle-run.ts';

/** By chance, one node in 1.7 million is further off. */
export const MOST_SIGMAS = 5;

const US_PER_S = 1e6;

/** What became of the cells while nobody watched. */
export interface FoundCells {
  readonly agreement: CellAgreement;
  /** From the latest that was known of the cells to the reading, s, by the board's clock; null where that began anew. */
  readonly boardS: number | null;
  /** Cells of the last reading as they were known last; but those that were pulsed after that, which cells alone say. */
  readonly known: readonly CellReading[];
}

/**
 * Compares a reading with what the record and the device model expect of each cell, however long the board was left alone. For a run
 * without open batches, before the reading is recorded.
 */
export async function compareCells(
  runFile: RunFile,
  board: Board,
  chip: ChipModel,
  reading: ArrayReading,
): Promise<FoundCells> {
  const waves = await wavesOf(runFile);
  const memory = new NodeMemory(board.identity, waves);
  const last = await recall(runFile, memory);
  const boardS =
    last?.bootNonce === reading.bootNonce ? (reading.boardTimeUs - memory.latestUs) / US_PER_S : null;
  const place = { chip, converters: convertersOf(board.identity) };
  const inferred = await inferredSince(runFile, last);
  const isInferred = new Set(inferred.map(({ cell }) => cell));
  const { nodes, decayedS = null } = agreementOf({
    nodes: observedNodes(memory.nodes(), memory.latestUs, reading, place),
    pulses: inferred.map(({ cell, kind, wave }) => possiblePulse(nodeNumber(cell, kind), wave, waves, place)),
    elapsedS: boardS ?? undefined,
    rateRel: chip.common.rateRel,
    boostRel: chip.common.boostRel,
    nodeCapacitanceFF: chip.device.nodeCapacitanceFF.value,
  });
  const cellOf = (node: number) => Math.floor(node / 2);
  const off = nodes.filter(({ deviation }) => Math.abs(deviation) > MOST_SIGMAS);
  return {
    agreement: {
      cells: new Set(nodes.map(({ node }) => cellOf(node))).size,
      disagreeing: [...new Set(off.map(({ node }) => cellOf(node)))],
      largestSigmas:
        nodes.length === 0 ? null : Math.max(...nodes.map(({ deviation }) => Math.abs(deviation))),
      decayedS,
    },
    boardS,
    known: (last?.cells ?? [])
      .filter(({ cell }) => !isInferred.has(cell))
      .map((read) => ({
        ...read,
        setCode: memory.codeOf(read.cell, 'SET') ?? read.setCode,
        resetCode: memory.codeOf(read.cell, 'RESET') ?? read.resetCode,
      })),
  };
}

/** Pulses that were under way when the board restarted, after the last reading of that boot: cells alone say that they happened. */
const inferredSince = async (runFile: RunFile, last: ArrayReading | undefined) =>
  last === undefined
    ? []
    : runFile.query<{ readonly cell: number; readonly kind: 'SET' | 'RESET'; readonly wave: number }>(`
        SELECT pulses.cell, pulses.kind, wave FROM pulses JOIN outcomes USING (intent) JOIN intents USING (intent)
        WHERE verdict = 'inferred' AND boot_nonce = ${last.bootNonce} ORDER BY pulses.rowid`);
