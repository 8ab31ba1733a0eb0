import { quantity } from '../core/format.ts';
import type { EpochPlan } from '../training/epoch-plan.ts';
import { costRows, planRows, stressHeads, stressRow } from '../training/plan-rows.ts';
import { listing, table } from './table.ts';

/** Bytes and seconds of the whole plan in each direction; no seconds where nothing paces the wire. */
export interface WireUse {
  readonly bytesPerS: number | null;
  readonly bytes: { readonly toBoard: number; readonly toHost: number };
  readonly timeS: { readonly toBoard: number; readonly toHost: number } | null;
}

/** What a plan puts on a wire of that pace. */
export function wireUseOf(
  { setUpWireBytes, bringUp, training }: EpochPlan,
  bytesPerS: number | undefined,
): WireUse {
  const parts = [setUpWireBytes, bringUp.wireBytes, training.wireBytes];
  const toBoard = parts.reduce((sum, part) => sum + part.toBoard, 0);
  const toHost = parts.reduce((sum, part) => sum + part.toHost, 0);
  return {
    bytesPerS: bytesPerS ?? null,
    bytes: { toBoard, toHost },
    timeS: bytesPerS === undefined ? null : { toBoard: toBoard / bytesPerS, toHost: toHost / bytesPerS },
  };
}

/** A plan for people: what, then what it costs, then how near it comes to each limit. */
export const planText = (plan: EpochPlan, address: string, wire: WireUse): string =>
  [
    listing([
      ['board', `${plan.source} ${plan.boardId} at ${address}`],
      ...planRows(plan),
      ['wire', inWords(wire)],
    ]),
    table(['', 'bring-up', 'epoch'], costRows(plan)),
    table(stressHeads, plan.stress.map(stressRow)),
  ].join('\n');

function inWords({ bytes, bytesPerS, timeS }: WireUse): string {
  const amounts = `${bytes.toBoard} bytes to the board, ${bytes.toHost} back`;
  return timeS === null || bytesPerS === null
    ? `${amounts}, unpaced`
    : `${amounts}; ${quantity(timeS.toBoard, 's')} and ${quantity(timeS.toHost, 's')} at ${bytesPerS * 10} baud`;
}
