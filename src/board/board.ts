import type { Observable } from 'rxjs';
import { LONGEST_HEAD, maxCellsPerRead } from '../../firmware-protocol/capacity.ts';
import { commands } from '../../firmware-protocol/commands.ts';
import type { Slot } from '../../firmware-protocol/slots.ts';
import type { Clock } from '../core/clock.ts';
import { type ErrorCode, FnloopError } from '../core/errors.ts';
import { mean } from '../core/mean.ts';
import type { Endpoint } from '../transport/endpoint.ts';
import { Arming } from './arming.ts';
import { BoardClock } from './board-clock.ts';
import type { BoardParts } from './board-parts.ts';
import type { ClockEstimate } from './clock-sync.ts';
import { convertersOf } from './converters.ts';
import { assertBatchWithinLimits, assertCellsOnBoard, assertWaveWithinLimits } from './limits.ts';
import { Link } from './link.ts';
import type { LinkNews, TimedPong } from './link-news.ts';
import type { LinkCounts, LinkStatistics } from './link-statistics.ts';
import type { Work } from './reply-timing.ts';
import type { EarlierWork, ForeignRest } from './rest-watch.ts';
import { batchUs, conversionStartUs, conversionUs, idleUs, MOST_LEAD_US } from './timing.ts';
import type {
  ArrayReading,
  Batch,
  BatchOutcome,
  BoardIdentity,
  CellReading,
  DefinedWave,
  PulseCount,
  SafeReply,
  Wave,
} from './types.ts';

/** One test board: typed verbs over a link. Limits are checked before a byte is sent. */
export class Board {
  readonly identity: BoardIdentity;
  readonly #link: Link;
  readonly #hostClock: Clock;
  /** Only where the board runs in real time. */
  readonly #clock: BoardClock | undefined;
  readonly #waves = new Map<number, DefinedWave>();
  readonly #arming: Arming;
  /** The boot in which waves were defined and pulses allowed. */
  #preparedBoot: number;
  #closing: Promise<void> | undefined;

  private constructor(link: Link, { clock, earlier }: BoardParts) {
    this.#link = link;
    this.#hostClock = clock;
    this.identity = link.identity;
    this.#preparedBoot = link.bootNonce;
    this.#arming = new Arming(link, clock, earlier?.host);
    if (link.identity.clock === 'real') {
      this.#clock = new BoardClock({
        clock,
        bootNonce: () => link.bootNonce,
        pongs$: link.pongs$,
        ping: () => link.ping(),
      });
    }
  }

  /**
   * Connects to whatever is at the other end. Rejects with `no-reply` when it is no board, with
   * `version-mismatch` when its major version is not ours. Closes the endpoint in both cases.
   */
  static async connect(endpoint: Endpoint, parts: BoardParts): Promise<Board> {
    const board = new Board(await Link.connect(endpoint, parts), parts);
    if (parts.earlier?.isBegun) await board.#arming.goOnFor(parts.earlier);
    return board;
  }

  get address(): string {
    return this.#link.address;
  }

  /** Pace of its wire in each direction; Infinity where nothing sets one. */
  get bytesPerS(): number {
    return this.#link.bytesPerS;
  }

  /** The boot that the board was last seen in. */
  get bootNonce(): number {
    return this.#link.bootNonce;
  }

  get statistics(): LinkStatistics {
    return this.#link.statistics;
  }

  /** What happens to the link. Hot; completes when it ends; never errors. */
  get linkNews$(): Observable<LinkNews> {
    return this.#link.news$;
  }

  get pongs$(): Observable<TimedPong> {
    return this.#link.pongs$;
  }

  /**
   * The board's clock at a time of the host's monotonic one, us. Undefined where the board is on virtual time,
   * which follows no host, and before its first PING in this boot was answered.
   */
  boardTimeUsAt(hostMs: number): number | undefined {
    return this.#clock?.boardTimeUsAt(hostMs);
  }

  /** The host's monotonic clock at a board time, ms; undefined where `boardTimeUsAt` is. */
  hostMsAt(boardTimeUs: number): number | undefined {
    return this.#clock?.hostMsAt(boardTimeUs);
  }

  /** Present board time, us: as its clock is known, or else as the board says when asked. */
  async timeUs(): Promise<number> {
    return this.boardTimeUsAt(this.#hostClock.nowMs()) ?? (await this.ping()).boardTimeUs;
  }

  /** How long until the board's clock says so, ms; 0 where that has passed, or the clock is not known. */
  untilMs(boardTimeUs: number): number {
    const nowMs = this.#hostClock.nowMs();
    return Math.max(0, (this.hostMsAt(boardTimeUs) ?? nowMs) - nowMs);
  }

  get clockEstimate(): ClockEstimate | undefined {
    return this.#clock?.estimate;
  }

  /** Batches that the board takes under way; one place is left for questions. */
  get depth(): number {
    return Math.max(1, Math.min(this.identity.window - 1, this.identity.results));
  }

  note(change: (counts: LinkCounts) => void): void {
    this.#link.note(change);
  }

  /** Board time, boot, arming, last batch, and how many lines the board could not read. */
  ping(): Promise<TimedPong> {
    return this.#link.ping();
  }

  /** What else than this host has brought the board to rest; undefined after `goOn`. */
  get rest(): ForeignRest | undefined {
    return this.#arming.rest;
  }

  /** Each time that it does: until `goOn` nothing arms the board from here. Hot; completes when the link ends; never errors. */
  get rested$(): Observable<ForeignRest> {
    return this.#arming.rested$;
  }

  /** For whoever goes on with this work; undefined of a board that tells no count of its rests. */
  get work(): EarlierWork | undefined {
    return this.#arming.work;
  }

  /** A person wants the board to work again, in spite of what has brought it to rest until now. */
  goOn(): void {
    this.#arming.goOn();
  }

  /** Throws `brought-to-rest` while something else holds the board at rest. */
  assertMayArm(): void {
    this.#arming.assertAllowed();
  }

  /** Takes the board for work: whatever an earlier host left behind, armed outputs included, ends here. */
  async claim(): Promise<void> {
    await this.#arming.safe();
  }

  /** Brings the board to rest for somebody else, ahead of all that waits: `by`, in words, holds it there until `goOn`, from now on. */
  makeSafe = ({ by }: { readonly by: string }): Promise<SafeReply> => this.#arming.makeSafe(by);

  /** Codes of both nodes of each cell, cells in ascending order. Does not disturb them. */
  async read(cells: readonly number[]): Promise<ArrayReading> {
    assertCellsOnBoard(cells, this.identity);
    const most = maxCellsPerRead(this.identity.lineBytes);
    const parts = Array.from({ length: Math.ceil(cells.length / most) }, (_, index) =>
      this.#readPart(cells.slice(index * most, (index + 1) * most)),
    );
    const readings = await Promise.all(parts);
    return {
      bootNonce: this.bootNonce,
      boardTimeUs: readings.at(-1)?.boardTimeUs ?? 0,
      temperatureK: mean(readings.flatMap(({ temperatureK }) => temperatureK ?? [])),
      cells: readings.flatMap((reading) => reading.cells),
    };
  }

  async #readPart(cells: readonly number[]): Promise<Omit<ArrayReading, 'bootNonce'>> {
    const workUs = conversionUs(2 * cells.length, this.identity);
    const { codes, boardTimeUs, temperatureK } = await this.#link.ask(
      commands.read,
      { cells },
      this.#work(workUs, 2 * cells.length),
    );
    this.#assertCount('READ', codes.length, 2 * cells.length, 'unexpected-reply');
    return {
      boardTimeUs,
      temperatureK,
      cells: cells.map(
        (cell, index): CellReading => ({
          cell,
          setCode: codes[2 * index] ?? 0,
          resetCode: codes[2 * index + 1] ?? 0,
          convertedUs: boardTimeUs - workUs + conversionStartUs(2 * index, this.identity),
        }),
      ),
    };
  }

  /** The board's own account: how many pulses each node has received. */
  async count(cells: readonly number[]): Promise<PulseCount> {
    assertCellsOnBoard(cells, this.identity);
    const most = maxCellsPerRead(this.identity.lineBytes);
    const counts: number[] = [];
    let since: PulseCount['since'] = 'boot';
    for (let first = 0; first < cells.length; first += most) {
      const asked = cells.slice(first, first + most);
      const reply = await this.#link.ask(commands.count, { cells: asked }, this.#work(0, 2 * asked.length));
      this.#assertCount('COUNT', reply.counts.length, 2 * asked.length, 'unexpected-reply');
      since = reply.since;
      counts.push(...reply.counts);
    }
    return { since, counts };
  }

  /**
   * Defines waves. Throws `limit-exceeded` before anything is sent if one is beyond the board, and
   * `unexpected-reply` if the board would put out another amplitude than was asked for.
   */
  async define(waves: readonly Wave[]): Promise<DefinedWave[]> {
    for (const wave of waves) assertWaveWithinLimits(wave, this.identity);
    this.#preparedBoot = this.#link.bootNonce;
    const { amplitudeVPerCode } = convertersOf(this.identity);
    return Promise.all(
      waves.map(async (wave) => {
        const { dacCode } = await this.#link.ask(commands.wave, wave);
        if (Math.abs(dacCode * amplitudeVPerCode - wave.amplitudeV) > amplitudeVPerCode) {
          throw new FnloopError(
            'unexpected-reply',
            `Board ${this.identity.boardId} would put out ${(dacCode * amplitudeVPerCode).toFixed(5)} V for a wave of ${wave.amplitudeV} V.`,
          );
        }
        const defined = { ...wave, dacCode };
        this.#waves.set(wave.wave, defined);
        return defined;
      }),
    );
  }

  /**
   * Allows pulses no stronger and no longer than the strongest and longest wave defined, while this host lives. Rejects with
   * `brought-to-rest` where something else has brought the board to rest, also in this very moment.
   */
  async arm(): Promise<void> {
    const waves = [...this.#waves.values()];
    if (waves.length === 0)
      throw new FnloopError('invariant', 'A board is armed after its waves are defined.');
    await this.#arming.arm({
      maxAmplitudeV: Math.max(...waves.map(({ amplitudeV }) => amplitudeV)),
      maxWidthUs: Math.max(...waves.map(({ widthUs }) => widthUs)),
    });
  }

  /** Forbids pulses until `arm`; waves stay defined. Outputs are at rest when it resolves. */
  async disarm(): Promise<void> {
    await this.#arming.disarm();
  }

  /** Makes a board that has restarted, or has disarmed itself, what it was: same waves, same arming. */
  async restore(): Promise<void> {
    this.assertMayArm();
    await this.define([...this.#waves.values()]);
    if (this.#arming.isMeant) await this.arm();
  }

  /** True when the board has restarted since its waves were defined: its memory of batches is gone. */
  get hasForgotten(): boolean {
    return this.#preparedBoot !== this.#link.bootNonce;
  }

  /** Board time that the batch will take, us. */
  durationUs(batch: Pick<Batch, 'slots' | 'gapUs'>): number {
    return batchUs(batch, (wave) => this.wave(wave).widthUs, this.identity);
  }

  /** By wave, the time between the two conversions of a pulsed node in which its pulse was not on, us: it decays freely. */
  idleUs(slot: Slot): (wave: number) => number {
    return idleUs(slot, (wave) => this.wave(wave).widthUs, this.identity);
  }

  /**
   * Emits a batch. Throws `limit-exceeded` and `brought-to-rest` before anything is sent, `board-refused` (`Refusal`) when nothing was
   * emitted, and `outcome-unknown` when the reply is lost: the cells may have changed.
   */
  async run(batch: Batch): Promise<BatchOutcome> {
    assertBatchWithinLimits(batch, this.identity);
    this.assertMayArm();
    const pulses = batch.slots.reduce((sum, slot) => sum + slot.length, 0);
    const outcome = await this.#link.ask(
      commands.run,
      batch,
      this.#work(this.durationUs(batch) + (batch.atUs === undefined ? 0 : MOST_LEAD_US), 2 * pulses),
    );
    if (outcome.batch !== batch.batch) {
      throw new FnloopError(
        'outcome-unknown',
        `Board ${this.identity.boardId} answered batch ${batch.batch} with the outcome of ${outcome.batch}.`,
      );
    }
    return this.#checked('RUN', batch, outcome, 'outcome-unknown');
  }

  /**
   * What the board knows of a batch: its outcome, `unrun` when it never ran in this boot, `forgotten` when it did
   * but its outcome is kept no longer. Rejects with `outcome-unknown` when another boot answers than `bootNonce`.
   */
  async outcomeOf(batch: Batch, bootNonce: number): Promise<BatchOutcome | 'unrun' | 'forgotten'> {
    const pulses = batch.slots.reduce((sum, slot) => sum + slot.length, 0);
    const reply = await this.#link.ask(commands.result, { batch: batch.batch }, this.#work(0, 2 * pulses));
    if (reply.bootNonce !== bootNonce) {
      throw new FnloopError(
        'outcome-unknown',
        `Board ${this.identity.boardId} has restarted since batch ${batch.batch} was sent.`,
      );
    }
    const { state, startedUs, boardTimeUs, codes, slackUs, slotsDone } = reply;
    if (state === 'none') return reply.lastBatch < batch.batch ? 'unrun' : 'forgotten';
    if (startedUs === undefined || boardTimeUs === undefined || codes === undefined) {
      throw new FnloopError(
        'unexpected-reply',
        `Board ${this.identity.boardId} says that batch ${batch.batch} is done, but not when or with which codes.`,
      );
    }
    const outcome = { batch: batch.batch, startedUs, boardTimeUs, codes, slackUs, slotsDone };
    return this.#checked('RESULT', batch, outcome, 'unexpected-reply');
  }

  /** Brings outputs to rest when they may be armed, then closes the link, whatever happens. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#comeToRest();
    return this.#closing;
  }

  async #comeToRest(): Promise<void> {
    try {
      await this.#arming.answered;
      this.#link.hush();
      if (this.#arming.isMeant) await this.claim();
    } finally {
      await this.#link.close();
    }
  }

  wave(wave: number): DefinedWave {
    const defined = this.#waves.get(wave);
    if (defined === undefined)
      throw new FnloopError('invariant', `Wave ${wave} is not defined on board ${this.identity.boardId}.`);
    return defined;
  }

  #checked(
    verb: string,
    { batch, slots }: Batch,
    outcome: Omit<BatchOutcome, 'slotsDone'> & { readonly slotsDone?: number | undefined },
    otherwise: ErrorCode,
  ): BatchOutcome {
    const { slotsDone = slots.length, slackUs } = outcome;
    if (slotsDone > slots.length) {
      throw new FnloopError(
        otherwise,
        `Board ${this.identity.boardId} says that it emitted ${slotsDone} slots of batch ${batch}, which has ${slots.length}.`,
      );
    }
    const pulses = slots.slice(0, slotsDone).reduce((sum, slot) => sum + slot.length, 0);
    this.#assertCount(verb, outcome.codes.length, 2 * pulses, otherwise);
    if (slackUs !== undefined) {
      this.note((counts) => {
        counts.leastSlackUs = Math.min(counts.leastSlackUs ?? slackUs, slackUs);
      });
    }
    return { ...outcome, slotsDone };
  }

  /** On virtual time work takes no time here: the reply to a rest of an hour is due at once. */
  #work(workUs: number, words: number): Work {
    const workMs = this.identity.clock === 'virtual' ? 0 : workUs / 1e3;
    return { workMs, replyBytes: LONGEST_HEAD + 4 * words };
  }

  #assertCount(verb: string, found: number, expected: number, otherwise: ErrorCode): void {
    if (found === expected) return;
    throw new FnloopError(
      otherwise,
      `Board ${this.identity.boardId} answered ${verb} with ${found} words, expected ${expected}.`,
    );
  }
}
