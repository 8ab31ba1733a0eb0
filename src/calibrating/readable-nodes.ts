import type { Device } from '../../calibration/devices.ts';
import type { Converters } from '../board/converters.ts';
import { nodeName } from '../board/nodes.ts';
import type { ArrayReading } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';

/** The nodes of an array that can be measured. */
export interface ReadableNodes {
  /** Node numbers, in order. */
  readonly nodes: readonly number[];
  /** How many nodes there are in all. */
  readonly all: number;
  /** Mean voltage of the readable ones, V. */
  readonly meanV: number;
}

const MOST_NAMED = 6;

/**
 * Nodes that were never at the end of the converter, and on average within the range in which the device's model holds.
 * Throws `chip-unfit` where that is not so for more than half of them.
 */
export function readableNodes(
  readings: readonly ArrayReading[],
  { boardId, device, converters }: { boardId: string; device: Device; converters: Converters },
): ReadableNodes {
  const codes = new Map<number, number[]>();
  for (const { cells } of readings) {
    for (const { cell, setCode, resetCode } of cells) {
      codes.set(2 * cell, [...(codes.get(2 * cell) ?? []), setCode]);
      codes.set(2 * cell + 1, [...(codes.get(2 * cell + 1) ?? []), resetCode]);
    }
  }
  const { min, max } = device.validNodeV;
  const nodes: number[] = [];
  const clipped: number[] = [];
  const beyond: number[] = [];
  let sumV = 0;
  for (const [node, read] of codes) {
    const nodeV = (read.reduce((sum, code) => sum + code, 0) / read.length) * converters.nodeVPerCode;
    if (read.some((code) => converters.isClipped(code))) clipped.push(node);
    else if (nodeV < min || nodeV > max) beyond.push(node);
    else {
      nodes.push(node);
      sumV += nodeV;
    }
  }
  if (clipped.length + beyond.length > codes.size / 2 || nodes.length === 0) {
    throw new FnloopError(
      'chip-unfit',
      `${clipped.length + beyond.length} of ${codes.size} nodes of board ${boardId} cannot be measured: ` +
        `${clipped.length} at the end of the converter${named(clipped)}, ${beyond.length} beyond the ${min} to ${max} V in which ` +
        `device ${device.name} is valid${named(beyond)}. No pulse was sent.`,
    );
  }
  return { nodes, all: codes.size, meanV: sumV / nodes.length };
}

function named(nodes: readonly number[]): string {
  if (nodes.length === 0) return '';
  const names = nodes.slice(0, MOST_NAMED).map(nodeName).join(', ');
  return ` (${names}${nodes.length > MOST_NAMED ? ', ...' : ''})`;
}
