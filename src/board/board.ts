import { maxCellsPerRead } from '../../firmware-protocol/capacity.ts';
import { decodeFields } from '../../firmware-protocol/codec.ts';
import type { ReplyOf } from '../../firmware-protocol/command.ts';
import { commands, PROTOCOL_VERSION } from '../../firmware-protocol/commands.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import type { Slot } from '../../firmware-protocol/slots.ts';
import { type ErrorCode, FnloopError } from '../core/errors.ts';
import type { LineTransport } from '../transport/line-transport.ts';
import { convertersOf } from './converters.ts';
import { assertBatchWithinLimits, assertCellsOnBoard, assertWaveWithinLimits } from './limits.ts';
import { type LinkStatistics, Session } from './session.ts';
import { batchUs, conversionUs, idleUs } from './timing.ts';
import type {
  ArrayReading,
  Batch,
  BatchOutcome,
  BoardIdentity,
  CellReading,
  DefinedWave,
  Wave,
} from './types.ts';

/** Time that a reply may take beyond what the board needs for the work itself. */
const MARGIN_MS = 2_000;
/** A board that restarts when its port opens is deaf for a while; HELLO is asked three times. */
const HELLO_MS = 1_500;
const HELLO_BYTES = 600;

/** One test board: typed verbs over a session. Limits are checked before a byte is sent. */
export class Board {
  readonly identity: BoardIdentity;
  readonly #session: Session;
  readonly #waves = new Map<number, DefinedWave>();
  #isArmed = false;

  private constructor(session: Session, identity: BoardIdentity) {
    this.#session = session;
    this.identity = identity;
  }

  /**
   * Greets whatever is at the other end. Rejects with `no-reply` when it is no board, with
   * `version-mismatch` when its major version is not ours. Closes the transport in both cases.
   */
  static async greet(transport: LineTransport): Promise<Board> {
    const session = new Session(transport);
    try {
      const identity = await greeting(session);
      return new Board(session, identity);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  get address(): string {
    return this.#session.address;
  }

  get statistics(): LinkStatistics {
    return this.#session.statistics;
  }

  /** Board time, arming, boot nonce, and how many lines the board could not read. */
  ping(): Promise<ReplyOf<typeof commands.ping>> {
    return this.#session.ask(commands.ping, {}, { deadlineMs: this.#deadlineMs(0) });
  }

  /** Takes the board for work: whatever an earlier host left behind, armed outputs included, ends here. */
  async claim(): Promise<void> {
    await this.#session.ask(commands.safe, {}, { deadlineMs: this.#deadlineMs(0) });
  }

  /** Codes of both nodes of each cell, cells in ascending order. Does not disturb them. */
  async read(cells: readonly number[]): Promise<ArrayReading> {
    assertCellsOnBoard(cells, this.identity);
    const readings: CellReading[] = [];
    let boardTimeUs = 0;
    const most = maxCellsPerRead(this.identity.lineBytes);
    for (let first = 0; first < cells.length; first += most) {
      const asked = cells.slice(first, first + most);
      const deadlineMs = this.#deadlineMs(conversionUs(2 * asked.length, this.identity));
      const reply = await this.#session.ask(commands.read, { cells: asked }, { deadlineMs });
      this.#assertCount('READ', reply.codes.length, 2 * asked.length, 'unexpected-reply');
      boardTimeUs = reply.boardTimeUs;
      asked.forEach((cell, index) => {
        readings.push({
          cell,
          setCode: reply.codes[2 * index] ?? 0,
          resetCode: reply.codes[2 * index + 1] ?? 0,
        });
      });
    }
    return { boardTimeUs, cells: readings };
  }

  /**
   * Defines waves. Throws `limit-exceeded` before anything is sent if one is beyond the board, and
   * `unexpected-reply` if the board would put out another amplitude than was asked for.
   */
  async define(waves: readonly Wave[]): Promise<DefinedWave[]> {
    for (const wave of waves) assertWaveWithinLimits(wave, this.identity);
    const { amplitudeVPerCode } = convertersOf(this.identity);
    for (const wave of waves) {
      const { dacCode } = await this.#session.ask(commands.wave, wave, { deadlineMs: this.#deadlineMs(0) });
      if (Math.abs(dacCode * amplitudeVPerCode - wave.amplitudeV) > amplitudeVPerCode) {
        throw new FnloopError(
          'unexpected-reply',
          `Board ${this.identity.boardId} would put out ${(dacCode * amplitudeVPerCode).toFixed(5)} V for a wave of ${wave.amplitudeV} V.`,
        );
      }
      this.#waves.set(wave.wave, { ...wave, dacCode });
    }
    return waves.map(({ wave }) => this.#definedWave(wave));
  }

  /** Allows pulses no stronger and no longer than the strongest and longest wave defined. */
  async arm(): Promise<void> {
    const waves = [...this.#waves.values()];
    const maxAmplitudeV = Math.max(...waves.map(({ amplitudeV }) => amplitudeV));
    const maxWidthUs = Math.max(...waves.map(({ widthUs }) => widthUs));
    if (waves.length === 0)
      throw new FnloopError('invariant', 'A board is armed after its waves are defined.');
    // Set before asking: a lost reply may hide an armed board.
    this.#isArmed = true;
    await this.#session.ask(commands.arm, { maxAmplitudeV, maxWidthUs }, { deadlineMs: this.#deadlineMs(0) });
  }

  /** Board time that the batch will take, us. */
  durationUs(batch: Batch): number {
    return batchUs(batch, (wave) => this.#definedWave(wave).widthUs, this.identity);
  }

  /** Time between the two conversions of a pulsed node in which its pulse was not on, us: it decays freely. */
  idleUs(slot: Slot, wave: number): number {
    return idleUs(slot, wave, (number) => this.#definedWave(number).widthUs, this.identity);
  }

  /**
   * Emits a batch. Throws `limit-exceeded` before anything is sent, `board-refused` when nothing was
   * emitted, and `outcome-unknown` when the reply is lost: the cells may have changed.
   */
  async run(batch: Batch): Promise<BatchOutcome> {
    assertBatchWithinLimits(batch, this.identity);
    const deadlineMs = this.#deadlineMs(this.durationUs(batch));
    const outcome = await this.#session.ask(commands.run, batch, { deadlineMs });
    this.#assertCount('RUN', outcome.codes.length, 2 * batch.slots.flat().length, 'outcome-unknown');
    if (outcome.batch === batch.batch) return outcome;
    throw new FnloopError(
      'outcome-unknown',
      `Board ${this.identity.boardId} answered batch ${batch.batch} with the outcome of ${outcome.batch}.`,
    );
  }

  /** The outcome of a batch that ran since the board's boot; undefined when it never ran or is forgotten. */
  async outcomeOf({ batch, slots }: Batch): Promise<BatchOutcome | undefined> {
    const { state, startedUs, boardTimeUs, codes } = await this.#session.ask(
      commands.result,
      { batch },
      { deadlineMs: this.#deadlineMs(0) },
    );
    if (state === 'none' || startedUs === undefined || boardTimeUs === undefined || codes === undefined)
      return undefined;
    this.#assertCount('RESULT', codes.length, 2 * slots.flat().length, 'unexpected-reply');
    return { batch, startedUs, boardTimeUs, codes };
  }

  /** Brings outputs to rest when they may be armed, then closes the port, whatever happens. */
  async close(): Promise<void> {
    try {
      if (this.#isArmed) await this.#session.ask(commands.safe, {}, { deadlineMs: this.#deadlineMs(0) });
      this.#isArmed = false;
    } finally {
      await this.#session.close();
    }
  }

  #definedWave(wave: number): DefinedWave {
    const defined = this.#waves.get(wave);
    if (defined === undefined)
      throw new FnloopError('invariant', `Wave ${wave} is not defined on board ${this.identity.boardId}.`);
    return defined;
  }

  /** Board time for the work, a full line each way at the wire's pace, and a margin. */
  #deadlineMs(workUs: number): number {
    const wireMs = (2 * this.identity.lineBytes * 1e3) / this.#session.bytesPerS;
    return MARGIN_MS + workUs / 1e3 + wireMs;
  }

  #assertCount(verb: string, found: number, expected: number, otherwise: ErrorCode): void {
    if (found === expected) return;
    throw new FnloopError(
      otherwise,
      `Board ${this.identity.boardId} answered ${verb} with ${found} converter codes, expected ${expected}.`,
    );
  }
}

async function greeting(session: Session): Promise<BoardIdentity> {
  const fields = await session
    .exchange(
      commands.hello,
      { proto: PROTOCOL_VERSION },
      { deadlineMs: HELLO_MS + (HELLO_BYTES * 1e3) / session.bytesPerS },
    )
    .catch((cause) => {
      if (!(cause instanceof FnloopError) || cause.code !== 'no-reply') throw cause;
      const heard = session.statistics.linesReceived;
      const noise = heard === 0 ? 'nothing was heard' : `${heard} lines were heard, none a reply`;
      throw new FnloopError(
        'no-reply',
        `No FNP board answers HELLO at ${session.address}: ${noise}. Is it a board, at the right baud rate?`,
        {
          cause,
        },
      );
    });
  const version = fields.get('proto') ?? 'none';
  if (version.split('.')[0] !== PROTOCOL_VERSION.split('.')[0]) {
    throw new FnloopError(
      'version-mismatch',
      `The board at ${session.address} speaks FNP version ${version}, this fnloop speaks ${PROTOCOL_VERSION}: the majors must match.`,
    );
  }
  try {
    return decodeFields(commands.hello.reply, fields, { unknown: 'ignore' });
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    throw new FnloopError('unexpected-reply', `HELLO of ${session.address} is not FNP/1: ${cause.message}.`, {
      cause,
    });
  }
}
