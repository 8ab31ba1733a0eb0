import { maxCellsPerRead, maxPulsesPerBatch } from '../firmware-protocol/capacity.ts';
import { decodeFields, encodeFields } from '../firmware-protocol/codec.ts';
import type { AnyCommand, ReplyOf, RequestOf } from '../firmware-protocol/command.ts';
import { commands, PROTOCOL_VERSION } from '../firmware-protocol/commands.ts';
import { FieldError } from '../firmware-protocol/faults.ts';
import type { Line } from '../firmware-protocol/line.ts';
import { type Batch, type Emitter, type Outcome, pulsesOf, runBatch } from './batch-run.ts';
import type { Wave } from './chip.ts';
import type { Preset } from './presets.ts';
import { LateError, refusalLine, within } from './refusals.ts';
import { type Rest, Rests } from './rests.ts';
import { afterwards, isLasting, type Lasting } from './work-queue.ts';

type Commands = typeof commands;
type Handlers = {
  readonly [Name in keyof Commands]: (
    request: RequestOf<Commands[Name]>,
  ) => ReplyOf<Commands[Name]> | Lasting<ReplyOf<Commands[Name]>>;
};
export type Request = Extract<Line, { kind: 'request' }>;

/** What the firmware runs on, which outlives it. */
export interface Hardware extends Pick<Emitter, 'chip' | 'time' | 'progress' | 'hasPower'> {
  readonly preset: Preset;
  readonly boardId: string;
  readonly protocolVersion?: string | undefined;
  /** Waits for a silence of the host, or no longer. */
  watchSilence(holdMs: number | undefined): void;
  /** Told of each coming to rest that counts. */
  rested(rests: number, rest: Rest): void;
}

/** Fields of requests that came with FNP/1.1. */
const LATER_FIELDS = ['rests', 'host'];

export const LINE_BYTES = 4096;
export const WINDOW = 8;
export const RECEIVE_BYTES = 16_384;
const RESULTS = 64;
const WAVES = 64;

/** One life of the firmware, from its start to the next: whatever it knows is gone with it. */
export class Firmware {
  readonly bootNonce: number;
  readonly #hardware: Hardware;
  readonly #startedUs: number;
  readonly #waves = new Map<number, Wave>();
  readonly #outcomes = new Map<number, Outcome>();
  readonly #rests = new Rests();
  #armed: { readonly maxAmplitudeV: number; readonly maxWidthUs: number; readonly host: number } | undefined;
  #lastBatch = 0;
  #badLines = 0;
  #isCut = false;

  constructor(hardware: Hardware, bootNonce: number) {
    this.#hardware = hardware;
    this.bootNonce = bootNonce;
    this.#startedUs = hardware.time.nowUs();
  }

  get isArmed(): boolean {
    return this.#armed !== undefined;
  }

  countBadLine(): void {
    this.#badLines += 1;
  }

  /** Disarmed, waves forgotten, a batch under way to end with the pulses of its slot. */
  comeToRest(rest: Rest): ReplyOf<Commands['safe']> {
    const wasArmed = this.#disarm(rest);
    this.#waves.clear();
    this.#isCut = true;
    return { boardTimeUs: this.#nowUs(), ...this.#told({ wasArmed: wasArmed ? 'yes' : 'no' }) };
  }

  /** The host that the dead-man watches over. */
  get watchedHost(): number {
    return this.#armed?.host ?? 0;
  }

  /** SAFE, which comes to rest on arrival and is refused by nothing; its answer keeps its turn. */
  makeSafe({ id, fields }: Request): () => Line {
    const host = Number(fields.get('host') ?? 0);
    const reply = this.comeToRest({ restCause: 'safe', restHost: Number.isSafeInteger(host) ? host : 0 });
    return () => {
      const fields = encodeFields(commands.safe.reply, { ...reply, boardTimeUs: this.#nowUs() });
      return { kind: 'ok', id, fields };
    };
  }

  #disarm(rest: Rest): boolean {
    const wasArmed = this.isArmed;
    this.#armed = undefined;
    this.#hardware.watchSilence(undefined);
    if (this.#rests.add(rest, wasArmed) && this.#tellsRests) this.#hardware.rested(this.#rests.count, rest);
    return wasArmed;
  }

  /** What a board of FNP/1.0 does not know, it does not tell. */
  #told<T extends object>(values: T): (T & { readonly rests: number }) | undefined {
    return this.#tellsRests ? { ...values, rests: this.#rests.count } : undefined;
  }

  get #tellsRests(): boolean {
    return (this.#hardware.protocolVersion ?? PROTOCOL_VERSION) !== '1.0';
  }

  /** What a request is answered, at once or when its work is done. */
  handle({ id, verb, fields }: Request): Line | Lasting<Line> {
    try {
      const name = commandNames.get(verb);
      if (name === undefined) throw new FieldError('unknown-verb', 'verb', verb);
      const command: AnyCommand = commands[name];
      const later = this.#tellsRests ? undefined : LATER_FIELDS.find((key) => fields.has(key));
      if (later !== undefined) throw new FieldError('unknown-field', later, 'came with FNP/1.1');
      const handle = this.#handlers[name] as (request: unknown) => object;
      const reply = handle(decodeFields(command.request, fields, { unknown: 'refuse' }));
      const spell = (values: object): Line => {
        return { kind: 'ok', id, fields: encodeFields(command.reply, values as never) };
      };
      return isLasting(reply) ? afterwards(reply, spell) : spell(reply);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      return refusalLine(id, error);
    }
  }

  readonly #handlers: Handlers = {
    hello: () => {
      const { preset, chip, time, boardId, protocolVersion = PROTOCOL_VERSION } = this.#hardware;
      const { rows, columns } = chip.array;
      return {
        proto: protocolVersion,
        source: 'mock',
        clock: time.kind,
        firmware: 'fnloop-mock',
        boardId,
        bootNonce: this.bootNonce,
        lastBatch: this.#lastBatch,
        rows,
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
        boardTimeUs: this.#nowUs(),
        ...this.#told({}),
      };
    },

    ping: () => ({
      bootNonce: this.bootNonce,
      boardTimeUs: this.#nowUs(),
      armed: this.isArmed ? 'yes' : 'no',
      lastBatch: this.#lastBatch,
      badLines: this.#badLines,
      ...this.#told({ ...this.#rests.last }),
    }),

    read: ({ cells }) => {
      if (cells.length > maxCellsPerRead(LINE_BYTES)) {
        throw new FieldError('out-of-range', 'cells', `${cells.length} cells do not fit a line`);
      }
      for (const cell of cells) this.#checkCell('cells', cell);
      return this.#read(cells);
    },

    wave: ({ wave, amplitudeV, widthUs }) => {
      const { limits } = this.#hardware.preset;
      within('wave', wave, 0, WAVES - 1);
      within('amp_uv', amplitudeV, limits.minAmplitudeV, limits.maxAmplitudeV);
      within('width_us', widthUs, limits.minWidthUs, limits.maxWidthUs);
      const defined = this.#hardware.chip.wave(amplitudeV, widthUs);
      this.#waves.set(wave, defined);
      return { dacCode: defined.dacCode };
    },

    arm: ({ maxAmplitudeV, maxWidthUs, holdMs, rests, host = 0 }) => {
      const { limits } = this.#hardware.preset;
      within('amp_max_uv', maxAmplitudeV, 0, limits.maxAmplitudeV);
      within('width_max_us', maxWidthUs, 0, limits.maxWidthUs);
      if (rests !== undefined && rests !== this.#rests.count)
        throw new FieldError(
          'rested',
          'rests',
          `is ${rests}, the board has come to rest ${this.#rests.count} times`,
        );
      this.#armed = { maxAmplitudeV, maxWidthUs, host };
      this.#hardware.watchSilence(holdMs);
      return { bootNonce: this.bootNonce, boardTimeUs: this.#nowUs(), ...this.#told({}) };
    },

    disarm: ({ host = 0 }) => {
      this.#disarm({ restCause: 'disarm', restHost: host });
      return { boardTimeUs: this.#nowUs(), ...this.#told({}) };
    },

    run: (batch) => {
      this.#admit(batch);
      return this.#run(batch);
    },

    result: ({ batch }) => {
      const head = { bootNonce: this.bootNonce, lastBatch: this.#lastBatch };
      const outcome = this.#outcomes.get(batch);
      return outcome === undefined ? { ...head, state: 'none' } : { ...head, ...outcome, state: 'done' };
    },

    count: ({ cells }) => {
      for (const cell of cells) this.#checkCell('cells', cell);
      const { array } = this.#hardware.chip;
      const counts = cells.flatMap((cell) => [array.pulses(cell, 'SET'), array.pulses(cell, 'RESET')]);
      return { since: 'ever', counts: Uint32Array.from(counts) };
    },

    safe: ({ host = 0 }) => this.comeToRest({ restCause: 'safe', restHost: host }),
  };

  *#read(cells: readonly number[]): Lasting<ReplyOf<Commands['read']>> {
    const { chip, time } = this.#hardware;
    chip.restUntil(time.nowUs());
    const codes = chip.read(cells);
    const temperatureK = chip.sensedTemperatureK();
    while (time.nowUs() < chip.timeUs) yield chip.timeUs;
    return { codes, temperatureK, boardTimeUs: chip.timeUs - this.#startedUs };
  }

  *#run(batch: Batch): Lasting<Outcome> {
    this.#lastBatch = batch.batch;
    this.#isCut = false;
    const outcome = yield* runBatch(batch, this.#slackUs(batch), {
      ...this.#hardware,
      startedUs: this.#startedUs,
      waveOf: (wave) => this.#waveOf(wave),
      isCut: () => this.#isCut,
    });
    if (outcome !== undefined) this.#keep(outcome);
    return outcome;
  }

  /** Keeps an outcome, and lets go of the oldest one that is too many. */
  #keep(outcome: Outcome): void {
    this.#outcomes.set(outcome.batch, outcome);
    this.#outcomes.delete(outcome.batch - RESULTS);
  }

  /** Refuses a batch as a whole, before its first pulse. */
  #admit(request: Batch): void {
    const { batch, slots } = request;
    const armed = this.#armed;
    if (batch <= this.#lastBatch)
      throw new FieldError('stale-batch', 'batch', `is not above ${this.#lastBatch}`);
    if (armed === undefined) throw new FieldError('not-armed', 'batch', 'needs ARM');
    if (batch > this.#lastBatch + 1)
      throw new FieldError('batch-gap', 'batch', `is more than one above ${this.#lastBatch}`);
    const pulses = pulsesOf(slots);
    if (pulses > maxPulsesPerBatch(LINE_BYTES))
      throw new FieldError('out-of-range', 'slots', `${pulses} pulses do not fit a line`);
    for (const slot of slots) {
      for (const { cell, wave } of slot) {
        this.#checkCell('slots', cell);
        const { amplitudeV, widthUs } = this.#waveOf(wave);
        within('slots', amplitudeV, 0, armed.maxAmplitudeV);
        within('slots', widthUs, 0, armed.maxWidthUs);
      }
    }
    const slackUs = this.#slackUs(request);
    if (slackUs !== undefined && slackUs < 0) throw new LateError(slackUs);
  }

  /** Time left until the batch is to start, us; nothing where any time will do. */
  #slackUs({ atUs }: Batch): number | undefined {
    return atUs === undefined ? undefined : atUs - this.#nowUs();
  }

  #nowUs(): number {
    return this.#hardware.time.nowUs() - this.#startedUs;
  }

  #checkCell(key: string, cell: number): void {
    within(key, cell, 0, this.#hardware.chip.array.cells - 1);
  }

  #waveOf(wave: number): Wave {
    const defined = this.#waves.get(wave);
    if (defined === undefined) throw new FieldError('no-wave', 'slots', `wave ${wave} is not defined`);
    return defined;
  }
}

const commandNames = new Map(
  Object.entries(commands).map(([name, { verb }]) => [verb as string, name as keyof Commands]),
);
