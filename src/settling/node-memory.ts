import type { PulseKind } from '../../firmware-protocol/slots.ts';
import { nodeNumber } from '../board/nodes.ts';
import { pulseTimes } from '../board/timing.ts';
import type { ArrayReading, BatchOutcome, BoardIdentity, DefinedWave } from '../board/types.ts';
import type { PlannedBatch } from '../scheduling/plan.ts';

/** The last certain code of a floating gate, and the board time at which it held, us. */
export interface KnownNode {
  readonly node: number;
  readonly code: number;
  readonly atUs: number;
}

/** What is known for certain of every node of a board: the latest of readings and pulses. */
export class NodeMemory {
  readonly #board: BoardIdentity;
  readonly #waves: ReadonlyMap<number, DefinedWave>;
  readonly #codes: Int32Array;
  readonly #atUs: Float64Array;
  #latestUs = 0;

  constructor(board: BoardIdentity, waves: ReadonlyMap<number, DefinedWave>) {
    this.#board = board;
    this.#waves = waves;
    const nodes = 2 * board.rows * board.columns;
    this.#codes = new Int32Array(nodes);
    this.#atUs = new Float64Array(nodes).fill(Number.NaN);
  }

  /** Latest board time at which anything is known, us. */
  get latestUs(): number {
    return this.#latestUs;
  }

  /** Nodes of which a code is known. */
  nodes(): KnownNode[] {
    const known: KnownNode[] = [];
    this.#atUs.forEach((atUs, node) => {
      if (!Number.isNaN(atUs)) known.push({ node, code: this.#codes[node] ?? 0, atUs });
    });
    return known;
  }

  /** The last known code of a node; undefined when it was never read. */
  codeOf(cell: number, kind: PulseKind): number | undefined {
    const node = nodeNumber(cell, kind);
    return Number.isNaN(this.#atUs[node] ?? Number.NaN) ? undefined : this.#codes[node];
  }

  noteReading({ cells, boardTimeUs }: ArrayReading): void {
    for (const { cell, setCode, resetCode, convertedUs } of cells) {
      this.#note(2 * cell, setCode, convertedUs);
      this.#note(2 * cell + 1, resetCode, convertedUs);
    }
    this.#latestUs = boardTimeUs;
  }

  /** The second conversion of each pulsed node. */
  noteOutcome(
    { slots, gapUs }: PlannedBatch,
    { startedUs, boardTimeUs, slotsDone, codes }: BatchOutcome,
  ): void {
    const widthUsOf = (wave: number) => this.#waves.get(wave)?.widthUs ?? 0;
    const done = slots.slice(0, slotsDone);
    const times = pulseTimes({ slots: done, gapUs }, startedUs, widthUsOf, this.#board);
    done.flat().forEach(({ cell, kind }, pulse) => {
      this.#note(nodeNumber(cell, kind), codes[2 * pulse + 1] ?? 0, times[pulse]?.afterUs ?? 0);
    });
    this.#latestUs = boardTimeUs;
  }

  #note(node: number, code: number, atUs: number): void {
    this.#codes[node] = code;
    this.#atUs[node] = atUs;
  }
}
