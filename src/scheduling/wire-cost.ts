import { maxCellsPerRead } from '../../firmware-protocol/capacity.ts';
import { encodeFields } from '../../firmware-protocol/codec.ts';
import type { Command } from '../../firmware-protocol/command.ts';
import { commands } from '../../firmware-protocol/commands.ts';
import type { Shape, Values } from '../../firmware-protocol/field.ts';
import { MAX_ID, spellLine } from '../../firmware-protocol/line.ts';
import { HOLD_MS } from '../board/arming.ts';
import type { ArrayReading, BoardIdentity, DefinedWave } from '../board/types.ts';
import type { PlannedBatch } from './plan.ts';

/** Bytes of requests and of their replies, newlines included. */
export interface WireBytes {
  readonly toBoard: number;
  readonly toHost: number;
}

/** As long as most that hosts draw. */
const SOME_HOST = 3_000_000_000;

/** Counts what a plan puts on the wire, by spelling each line as it would be. Sends nothing. */
export class WireCost {
  readonly #board: BoardIdentity;
  #id = 1;
  #toBoard = 0;
  #toHost = 0;

  constructor(board: BoardIdentity) {
    this.#board = board;
  }

  get bytes(): WireBytes {
    return { toBoard: this.#toBoard, toHost: this.#toHost };
  }

  /** Taking the board over, its waves, and arming it. */
  prepare(waves: readonly DefinedWave[], boardTimeUs: number): void {
    const { rests } = this.#board;
    const asHost = rests === undefined ? {} : { host: SOME_HOST };
    this.#add(commands.safe, asHost, { boardTimeUs, wasArmed: 'no', rests });
    for (const { dacCode, ...wave } of waves) this.#add(commands.wave, wave, { dacCode });
    if (waves.length === 0) return;
    const arming = {
      maxAmplitudeV: Math.max(...waves.map(({ amplitudeV }) => amplitudeV)),
      maxWidthUs: Math.max(...waves.map(({ widthUs }) => widthUs)),
      holdMs: HOLD_MS,
      rests,
      ...asHost,
    };
    this.#add(commands.arm, arming, { bootNonce: this.#board.bootNonce, boardTimeUs, rests });
  }

  read({ cells: read, boardTimeUs, temperatureK }: ArrayReading): void {
    const cells = read.map(({ cell }) => cell);
    const most = maxCellsPerRead(this.#board.lineBytes);
    for (let first = 0; first < cells.length; first += most) {
      const asked = cells.slice(first, first + most);
      const codes = new Int32Array(2 * asked.length);
      this.#add(commands.read, { cells: asked }, { boardTimeUs, temperatureK, codes });
    }
  }

  run(batch: PlannedBatch, startedUs: number, boardTimeUs: number): void {
    const codes = new Int32Array(2 * batch.pulses.length);
    const reply = {
      batch: batch.batch,
      startedUs,
      boardTimeUs,
      codes,
      slackUs: undefined,
      slotsDone: undefined,
    };
    this.#add(commands.run, { ...batch, atUs: undefined }, reply);
  }

  #add<Request extends Shape, Reply extends Shape>(
    { verb, request, reply }: Command<Request, Reply>,
    asked: Values<Request>,
    answered: Values<Reply>,
  ): void {
    this.#id = (this.#id % MAX_ID) + 1;
    const id = this.#id;
    const bytesOf = (line: Parameters<typeof spellLine>[0]) => spellLine(line).length + 1;
    this.#toBoard += bytesOf({ kind: 'request', id, verb, fields: encodeFields(request, asked) });
    this.#toHost += bytesOf({ kind: 'ok', id, fields: encodeFields(reply, answered) });
  }
}
