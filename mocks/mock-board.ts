import { maxCellsPerRead, maxPulsesPerBatch } from '../firmware-protocol/capacity.ts';
import { decodeFields, encodeFields } from '../firmware-protocol/codec.ts';
import type { AnyCommand, ReplyOf, RequestOf } from '../firmware-protocol/command.ts';
import { commands, PROTOCOL_VERSION } from '../firmware-protocol/commands.ts';
import { FieldError } from '../firmware-protocol/faults.ts';
import { type Line, readLine, spellLine } from '../firmware-protocol/line.ts';
import type { PulseKind, Slot } from '../firmware-protocol/slots.ts';
import { type ArrayOptions, CellArray } from './cell-array.ts';
import { adcCode, dacCode, dacOutputV } from './converters.ts';
import type { FloatingGate } from './floating-gate.ts';
import type { Preset } from './presets.ts';
import { type Normal, normalStream } from './random.ts';

type Commands = typeof commands;
type Handlers = {
  readonly [Name in keyof Commands]: (request: RequestOf<Commands[Name]>) => ReplyOf<Commands[Name]>;
};
type Outcome = ReplyOf<Commands['run']>;

interface Wave {
  readonly amplitudeV: number;
  readonly widthUs: number;
  readonly dacCode: number;
}

export interface MockBoardOptions extends ArrayOptions {
  readonly preset: Preset;
  readonly boardId: string;
  /** The version that HELLO announces. */
  readonly protocolVersion?: string;
}

const LINE_BYTES = 4096;
const WINDOW = 8;
const RECEIVE_BYTES = 16_384;
const RESULTS = 16;
const WAVES = 64;
const FEED = '\n';

/** Bytes in, bytes out: all that a way of serving needs to know. */
export interface WireEnd {
  receive(bytes: string): void;
  onSend: (bytes: string) => void;
}

/**
 * A board in software: bytes in, bytes out. Time is virtual: its clock advances by what the board
 * does (pulses, rests, conversions), so a 0.2 s pulse costs no wall time.
 */
export class MockBoard implements WireEnd {
  /** Where reply bytes go; whoever connects sets it. */
  onSend: (bytes: string) => void = () => {};

  readonly #options: MockBoardOptions;
  readonly #array: CellArray;
  readonly #readNoise: Normal | undefined;
  readonly #bootNonce: number;
  readonly #waves = new Map<number, Wave>();
  readonly #outcomes = new Map<number, Outcome>();
  readonly #pulseCounts = new Map<string, number>();
  #armed: { readonly maxAmplitudeV: number; readonly maxWidthUs: number } | undefined;
  #lastBatch = 0;
  #badLines = 0;
  #timeUs = 0;
  #pending = '';
  #isOverlong = false;

  constructor(options: MockBoardOptions) {
    this.#options = options;
    this.#array = new CellArray(options.preset, options);
    this.#readNoise = options.noise ? normalStream(options.seed, 'reading') : undefined;
    this.#bootNonce = Math.floor(Math.abs(normalStream(options.seed, 'boot')()) * 1e8) + 1;
  }

  /** Takes bytes as they come: split, merged, or in the middle of a line. */
  receive(bytes: string): void {
    const lines = (this.#pending + bytes).split(FEED);
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#isOverlong || line.length >= LINE_BYTES) this.#badLines += 1;
      else if (line !== '') this.#take(line);
      this.#isOverlong = false;
    }
    if (this.#pending.length >= LINE_BYTES) {
      this.#pending = '';
      this.#isOverlong = true;
    }
  }

  /** Lets virtual time pass. */
  elapse(seconds: number): void {
    this.#timeUs += Math.round(seconds * 1e6);
  }

  get isArmed(): boolean {
    return this.#armed !== undefined;
  }

  /** True gate voltage, which no wire reports. */
  trueNodeV(cell: number, kind: PulseKind): number {
    return this.#array.gate(cell, kind).voltageAt(this.#timeUs);
  }

  /** How many pulses the gate has received since boot. */
  pulsesApplied(cell: number, kind: PulseKind): number {
    return this.#pulseCounts.get(`${kind} ${cell}`) ?? 0;
  }

  #take(text: string): void {
    const line = readLine(text);
    if (line.kind !== 'request') {
      this.#badLines += 1;
      return;
    }
    this.onSend(spellLine(this.#answer(line)) + FEED);
  }

  #answer({ id, verb, fields }: Extract<Line, { kind: 'request' }>): Line {
    const name = commandNames.find((candidate) => commands[candidate].verb === verb);
    try {
      if (name === undefined) throw new FieldError('unknown-verb', 'verb', verb);
      const command: AnyCommand = commands[name];
      const handle = this.#handlers[name] as (request: unknown) => never;
      const reply = handle(decodeFields(command.request, fields, { unknown: 'refuse' }));
      return { kind: 'ok', id, fields: encodeFields(command.reply, reply) };
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      const field: [string, string][] = error.fault === 'unknown-verb' ? [] : [['field', error.key]];
      return { kind: 'error', id, fields: new Map([['code', error.fault], ...field]) };
    }
  }

  readonly #handlers: Handlers = {
    hello: () => {
      const { preset, cells, boardId, protocolVersion = PROTOCOL_VERSION } = this.#options;
      const columns = cells % 8 === 0 ? 8 : 1;
      return {
        proto: protocolVersion,
        source: 'mock',
        clock: 'virtual',
        firmware: 'fnloop-mock',
        boardId,
        bootNonce: this.#bootNonce,
        lastBatch: this.#lastBatch,
        rows: cells / columns,
        columns,
        ...preset.limits,
        waves: WAVES,
        lineBytes: LINE_BYTES,
        window: WINDOW,
        receiveBytes: RECEIVE_BYTES,
        results: RESULTS,
        adcFullScaleV: preset.adc.fullScaleV,
        adcBits: preset.adc.bits,
        readGain: preset.adc.readGain,
        readAverages: preset.adc.averages,
        readGroupNodes: preset.adc.groupNodes,
        readGroupUs: preset.adc.groupUs,
        dacFullScaleV: preset.dac.fullScaleV,
        dacBits: preset.dac.bits,
        boardTimeUs: this.#timeUs,
      };
    },

    ping: () => ({
      bootNonce: this.#bootNonce,
      boardTimeUs: this.#timeUs,
      armed: this.isArmed ? 'yes' : 'no',
      lastBatch: this.#lastBatch,
      badLines: this.#badLines,
    }),

    read: ({ cells }) => {
      if (cells.length > maxCellsPerRead(LINE_BYTES)) {
        throw new FieldError('out-of-range', 'cells', `${cells.length} cells do not fit a line`);
      }
      const nodes = cells.flatMap((cell) => [
        this.#node('cells', cell, 'SET'),
        this.#node('cells', cell, 'RESET'),
      ]);
      return { codes: Int32Array.from(this.#convert(nodes)), boardTimeUs: this.#timeUs };
    },

    wave: ({ wave, amplitudeV, widthUs }) => {
      const { limits } = this.#options.preset;
      within('wave', wave, 0, WAVES - 1);
      within('amp_uv', amplitudeV, limits.minAmplitudeV, limits.maxAmplitudeV);
      within('width_us', widthUs, limits.minWidthUs, limits.maxWidthUs);
      const code = dacCode(amplitudeV, this.#options.preset);
      this.#waves.set(wave, { amplitudeV, widthUs, dacCode: code });
      return { dacCode: code };
    },

    arm: ({ maxAmplitudeV, maxWidthUs }) => {
      const { limits } = this.#options.preset;
      within('amp_max_uv', maxAmplitudeV, 0, limits.maxAmplitudeV);
      within('width_max_us', maxWidthUs, 0, limits.maxWidthUs);
      this.#armed = { maxAmplitudeV, maxWidthUs };
      return { bootNonce: this.#bootNonce, boardTimeUs: this.#timeUs };
    },

    disarm: () => {
      this.#armed = undefined;
      return { boardTimeUs: this.#timeUs };
    },

    run: ({ batch, gapUs, slots }) => {
      this.#admit(batch, slots);
      this.#lastBatch = batch;
      const startedUs = this.#timeUs;
      const codes = slots.flatMap((slot) => this.#emit(slot, gapUs));
      const outcome = { batch, startedUs, boardTimeUs: this.#timeUs, codes: Int32Array.from(codes) };
      this.#outcomes.set(batch, outcome);
      for (const kept of [...this.#outcomes.keys()].slice(0, -RESULTS)) this.#outcomes.delete(kept);
      return outcome;
    },

    result: ({ batch }) => {
      const head = { bootNonce: this.#bootNonce, lastBatch: this.#lastBatch };
      const outcome = this.#outcomes.get(batch);
      return outcome === undefined ? { ...head, state: 'none' } : { ...head, ...outcome, state: 'done' };
    },

    count: ({ cells }) => ({
      since: 'ever',
      counts: Uint32Array.from(
        cells.flatMap((cell) => {
          within('cells', cell, 0, this.#array.cells - 1);
          return [this.pulsesApplied(cell, 'SET'), this.pulsesApplied(cell, 'RESET')];
        }),
      ),
    }),

    safe: () => {
      this.#armed = undefined;
      this.#waves.clear();
      return { boardTimeUs: this.#timeUs };
    },
  };

  /** Refuses a batch as a whole, before its first pulse. */
  #admit(batch: number, slots: readonly Slot[]): void {
    if (this.#armed === undefined) throw new FieldError('not-armed', 'batch', 'needs ARM');
    if (batch <= this.#lastBatch)
      throw new FieldError('stale-batch', 'batch', `is not above ${this.#lastBatch}`);
    if (batch > this.#lastBatch + 1)
      throw new FieldError('batch-gap', 'batch', `is more than one above ${this.#lastBatch}`);
    const pulses = slots.flat();
    if (pulses.length > maxPulsesPerBatch(LINE_BYTES)) {
      throw new FieldError('out-of-range', 'slots', `${pulses.length} pulses do not fit a line`);
    }
    for (const { cell, kind, wave } of pulses) {
      this.#node('slots', cell, kind);
      const { amplitudeV, widthUs } = this.#wave(wave);
      within('slots', amplitudeV, 0, this.#armed.maxAmplitudeV);
      within('slots', widthUs, 0, this.#armed.maxWidthUs);
    }
  }

  /** One slot: read the nodes, pulse them together, read them again, rest. Codes as before, after for each pulse. */
  #emit(slot: Slot, gapUs: number): number[] {
    const nodes = slot.map(({ cell, kind }) => this.#array.gate(cell, kind));
    const before = this.#convert(nodes);
    let slotUs = 0;
    for (const { cell, kind, wave } of slot) {
      const { dacCode: code, widthUs } = this.#wave(wave);
      const outputV = dacOutputV(code, this.#options.preset);
      this.#array.gate(cell, kind).pulse(this.#timeUs, widthUs, outputV);
      this.#pulseCounts.set(`${kind} ${cell}`, this.pulsesApplied(cell, kind) + 1);
      slotUs = Math.max(slotUs, widthUs);
    }
    this.#timeUs += slotUs;
    const after = this.#convert(nodes);
    this.#timeUs += gapUs;
    return before.flatMap((code, index) => [code, after[index] ?? 0]);
  }

  /** Converts nodes group by group; each group takes its time, and the cells go on decaying meanwhile. */
  #convert(nodes: readonly FloatingGate[]): number[] {
    const { adc } = this.#options.preset;
    const codes: number[] = [];
    for (let first = 0; first < nodes.length; first += adc.groupNodes) {
      for (const node of nodes.slice(first, first + adc.groupNodes)) {
        codes.push(adcCode(node.voltageAt(this.#timeUs), this.#options.preset, this.#readNoise));
      }
      this.#timeUs += adc.groupUs;
    }
    return codes;
  }

  #node(key: string, cell: number, kind: PulseKind) {
    within(key, cell, 0, this.#array.cells - 1);
    return this.#array.gate(cell, kind);
  }

  #wave(wave: number): Wave {
    const defined = this.#waves.get(wave);
    if (defined === undefined) throw new FieldError('no-wave', 'slots', `wave ${wave} is not defined`);
    return defined;
  }
}

const commandNames = Object.keys(commands) as (keyof Commands)[];

function within(key: string, value: number, min: number, max: number): void {
  if (value < min || value > max)
    throw new FieldError('out-of-range', key, `${value} is not ${min} to ${max}`);
}
