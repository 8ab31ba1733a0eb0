import { encodeFields } from '../firmware-protocol/codec.ts';
import { commands } from '../firmware-protocol/commands.ts';
import { events } from '../firmware-protocol/events.ts';
import { FieldError } from '../firmware-protocol/faults.ts';
import { type Line, readLine, spellLine } from '../firmware-protocol/line.ts';
import type { PulseKind } from '../firmware-protocol/slots.ts';
import { type BoardTime, realTime, virtualTime } from './board-time.ts';
import { Chip, type ChipOptions } from './chip.ts';
import type { ChipState } from './chip-state.ts';
import type { ChipTruth } from './chip-truth.ts';
import { DeadMan } from './dead-man.ts';
import { Firmware, LINE_BYTES, RECEIVE_BYTES, type Request, WINDOW } from './firmware.ts';
import { HostPort } from './host-port.ts';
import { type HostTime, systemTime } from './host-time.ts';
import { type Normal, normalStream } from './random.ts';
import { refusalLine } from './refusals.ts';
import type { Rest } from './rests.ts';
import { StateKeeper } from './state-keeper.ts';
import type { WireEnd } from './wire-end.ts';
import { afterwards, isLasting, type Lasting, WorkQueue } from './work-queue.ts';

export interface MockBoardOptions extends ChipOptions {
  readonly boardId: string;
  /** The version that HELLO announces. */
  readonly protocolVersion?: string | undefined;
  /** Virtual where absent: board time then passes only by what the board does. */
  readonly time?: 'virtual' | 'real' | undefined;
  /** How fast the board's crystal is in real time, millionths. */
  readonly skewPpm?: number | undefined;
  /** Keeps `batchesRun`, which grows with each batch. */
  readonly batchLog?: boolean | undefined;
  readonly hostTime?: HostTime | undefined;
  /** What the chip was when it was open before. */
  readonly earlier?: ChipState | undefined;
  /** Keeps what the chip is, for the next opening. */
  readonly save?: ((state: ChipState) => void) | undefined;
}

/** The truth about one batch: in which life of the firmware it ran, and how many of its slots were emitted. */
export interface BatchRun {
  readonly bootNonce: number;
  readonly batch: number;
  readonly slotsDone: number;
}

/** A line, and the host that it answers. */
interface Answer {
  readonly line: Line;
  readonly to: HostPort;
}

const FEED = '\n';

/** A board in software: bytes in, bytes out. It is the wire's end for its first host; `join` gives others theirs. */
export class MockBoard implements WireEnd {
  /** Told of each slot, once it is emitted. */
  onSlot: () => void = () => {};

  readonly #options: MockBoardOptions;
  readonly #chip: Chip;
  readonly #nonces: Normal;
  readonly #time: BoardTime;
  readonly #queue: WorkQueue<Answer>;
  readonly #deadMan: DeadMan;
  readonly #keeper: StateKeeper | undefined;
  readonly #first = this.#port();
  readonly #ports = new Set([this.#first]);
  readonly #batchesRun: BatchRun[] = [];
  #firmware: Firmware;
  #powerFailsAfterSlots: number | undefined;
  #notedUs: number;

  constructor(options: MockBoardOptions) {
    const { seed, time, skewPpm = 0, hostTime = systemTime, earlier, save } = options;
    this.#options = options;
    this.#chip = new Chip(options, earlier);
    const { timeUs } = this.#chip;
    this.#notedUs = timeUs;
    this.#nonces = normalStream(seed, 'boot', earlier === undefined ? 0 : earlier.openings + 1);
    this.#time = time === 'real' ? realTime(hostTime, skewPpm, timeUs) : virtualTime(timeUs);
    this.#queue = new WorkQueue(this.#time, (answer) => this.#answer(answer));
    this.#deadMan = new DeadMan(hostTime, () => this.missHost());
    this.#firmware = this.#started();
    if (save !== undefined)
      this.#keeper = new StateKeeper(hostTime, () => save(this.#chip.stateAt(this.#time.nowUs())));
  }

  /** Takes bytes of its first host as they come: split, merged, or in the middle of a line. */
  receive(bytes: string): void {
    this.#first.receive(bytes);
  }

  /** Where bytes to its first host go; whoever connects sets it. */
  get onSend(): (bytes: string) => void {
    return this.#first.onSend;
  }

  set onSend(send: (bytes: string) => void) {
    this.#first.onSend = send;
  }

  /** The wire's end for one host more, until it leaves. */
  join(): { readonly end: WireEnd; leave(): void } {
    const end = this.#port();
    this.#ports.add(end);
    return { end, leave: () => void this.#ports.delete(end) };
  }

  /** Lets board time pass at once. */
  elapse(seconds: number): void {
    this.#time.skip(Math.round(seconds * 1e6));
  }

  /**
   * The firmware starts anew: batches, waves, arming and all that is under way are forgotten, and the
   * board clock begins at 0. The gates go on decaying, and the counters of their pulses stay.
   */
  reboot(): void {
    this.#queue.clear();
    for (const port of this.#ports) port.clear();
    this.#deadMan.set(undefined);
    this.#powerFailsAfterSlots = undefined;
    // What was under way took its time, although nobody waits for its end any more.
    this.#time.reach(this.#chip.timeUs);
    this.#firmware = this.#started();
    const { name, fields } = events.boot;
    this.#announce({ kind: 'event', name, fields: encodeFields(fields, { bootNonce: this.bootNonce }) });
  }

  /** What the dead-man does when its time has run out: nothing on a board that is not armed. */
  missHost(): void {
    if (!this.isArmed) return;
    this.bringToRest({ restCause: 'dead-man', restHost: this.#firmware.watchedHost });
  }

  /** What SAFE does, by something else than a host: a button, an interlock. */
  bringToRest(rest: Rest): void {
    this.#firmware.comeToRest(rest);
    this.#queue.nudge();
  }

  /**
   * The power fails once `afterSlots` slots were emitted, all of them where there are fewer, of the batch
   * under way or else of the next one: no reply, and a reboot.
   */
  brownOut(afterSlots: number): void {
    this.#powerFailsAfterSlots = afterSlots;
  }

  /** Saves the chip for the next opening, where it is kept. Throws RangeError where it cannot be. */
  close(): void {
    this.#keeper?.close();
  }

  get isArmed(): boolean {
    return this.#firmware.isArmed;
  }

  get bootNonce(): number {
    return this.#firmware.bootNonce;
  }

  /** True gate voltage, which no wire reports. */
  trueNodeV(cell: number, kind: PulseKind): number {
    return this.#chip.trueNodeV(cell, kind, this.#time.nowUs());
  }

  /** The hidden parameters of its chip, which no wire reports. */
  get truth(): ChipTruth {
    return this.#chip.truth;
  }

  /** True temperature of the chip. */
  get temperatureK(): number {
    return this.#chip.temperatureAt(this.#time.nowUs());
  }

  set temperatureK(kelvin: number) {
    this.#chip.restUntil(this.#time.nowUs());
    this.#chip.temperatureK = kelvin;
  }

  /** How many pulses the gate has received in its life, over all boots. */
  pulsesApplied(cell: number, kind: PulseKind): number {
    return this.#chip.array.pulses(cell, kind);
  }

  /** How many pulses all gates together have received. */
  get totalPulses(): number {
    return this.#chip.array.totalPulses;
  }

  /** Every batch that began, in order, also those without an outcome. Throws unless made with `batchLog`. */
  get batchesRun(): readonly BatchRun[] {
    if (this.#options.batchLog === true) return this.#batchesRun;
    throw new Error('this mock keeps no log of its batches: expected batchLog: true, found false');
  }

  /** Each start draws the next nonce of the seed. */
  #started(): Firmware {
    const { preset, boardId, protocolVersion } = this.#options;
    const firmware: Firmware = new Firmware(
      {
        preset,
        boardId,
        protocolVersion,
        chip: this.#chip,
        time: this.#time,
        watchSilence: (holdMs) => this.#deadMan.set(holdMs),
        rested: (rests, rest) => {
          const { name, fields } = events.rest;
          const values = { bootNonce: firmware.bootNonce, rests, ...rest };
          this.#announce({ kind: 'event', name, fields: encodeFields(fields, values) });
        },
        progress: (batch, slotsDone) => {
          if (this.#options.batchLog) this.#log({ bootNonce: firmware.bootNonce, batch, slotsDone });
          if (slotsDone > 0) this.onSlot();
        },
        hasPower: (slotsDone, isEnd) => {
          const afterSlots = this.#powerFailsAfterSlots;
          const fails = afterSlots !== undefined && (isEnd || slotsDone >= afterSlots);
          if (fails && this.#firmware === firmware) this.reboot();
          return this.#firmware === firmware;
        },
      },
      Math.floor(Math.abs(this.#nonces()) * 1e8) + 1,
    );
    return firmware;
  }

  #log(run: BatchRun): void {
    if (run.slotsDone > 0) this.#batchesRun.pop();
    this.#batchesRun.push(run);
  }

  #port(): HostPort {
    return new HostPort(LINE_BYTES, (line, port) => {
      if (line === undefined) this.#firmware.countBadLine();
      else if (line !== '') this.#arrive(line, port);
    });
  }

  #arrive(text: string, to: HostPort): void {
    const line = readLine(text);
    if (line.kind !== 'request' && line.kind !== 'event') {
      this.#firmware.countBadLine();
      return;
    }
    this.#deadMan.feed();
    // Of a host's news, none asks for more than to be heard.
    if (line.kind === 'event') return;
    const bytes = text.length + FEED.length;
    if (line.verb === commands.safe.verb) {
      const reply = this.#firmware.makeSafe(line);
      this.#queue.push({ bytes, begin: () => ({ line: reply(), to }) });
      this.#queue.nudge();
      return;
    }
    const excess = this.#excess(bytes);
    if (excess === undefined) this.#queue.push({ bytes, begin: () => this.#begun(line, to) });
    else this.#queue.push({ bytes: 0, begin: () => ({ line: refusalLine(line.id, excess), to }) });
  }

  #begun(request: Request, to: HostPort): Answer | Lasting<Answer> {
    const line = this.#firmware.handle(request);
    return isLasting(line) ? afterwards(line, (done) => ({ line: done, to })) : { line, to };
  }

  #excess(bytes: number): FieldError | undefined {
    const underWay = this.#queue.underWay;
    if (underWay.jobs >= WINDOW) return new FieldError('busy', 'window', `${WINDOW} requests are under way`);
    if (underWay.jobs > 0 && underWay.bytes + bytes > RECEIVE_BYTES)
      return new FieldError('busy', 'rx_bytes', `${underWay.bytes + bytes} bytes would be under way`);
    return undefined;
  }

  /** A chip that has rested since is told by its time when it is saved. */
  #noteChange(): void {
    if (this.#keeper === undefined || this.#chip.timeUs === this.#notedUs) return;
    this.#notedUs = this.#chip.timeUs;
    this.#keeper.changed();
  }

  #answer({ line, to }: Answer): void {
    this.#noteChange();
    to.onSend(spellLine(line) + FEED);
  }

  /** Says to every host what none has asked. */
  #announce(line: Line): void {
    this.#noteChange();
    const bytes = spellLine(line) + FEED;
    for (const port of this.#ports) port.onSend(bytes);
  }
}
