import { cellList, MAX_CELL } from './cell-list.ts';
import { command } from './command.ts';
import { fixed, integer, oneOf, optional, text, token } from './field.ts';
import { slackUs } from './refusal.ts';
import { restCause, restHost } from './rest.ts';
import { MAX_WAVE, packedSlots } from './slots.ts';
import { packedCodes, packedWords } from './words.ts';

/** `major.minor`. Majors must match, which the host checks; a higher minor only adds verbs and optional fields. */
export const PROTOCOL_VERSION = '1.1';

const MICRO = 1e6;
const MILLI = 1e3;
const MAX_U32 = 0xffffffff;
const proto = text('proto', /^\d{1,3}\.\d{1,3}$/, '`major.minor`');
const positive = (key: string, max: number) => integer(key, { min: 1, max });
const boardTimeUs = integer('t_us', { min: 0, max: Number.MAX_SAFE_INTEGER });
const boot = integer('boot', { min: 0, max: MAX_U32 });
const batch = integer('batch', { min: 1, max: MAX_U32 });
const lastBatch = integer('last_batch', { min: 0, max: MAX_U32 });
const amplitudeV = (key: string) => fixed(key, { perUnit: MICRO, min: 0, max: 20 });
const widthUs = (key: string) => integer(key, { min: 1, max: 3_600_000_000 });
const temperatureK = (key: string) => fixed(key, { perUnit: MILLI, min: 1, max: 2000 });
const codes = packedCodes('codes');
const rests = optional(integer('rests', { min: 0, max: MAX_U32 }));
const host = optional(integer('host', { min: 1, max: MAX_U32 }));

export const hello = command({
  verb: 'HELLO',
  summary: 'Who is there, what it can do, and since when (the boot nonce).',
  effect: 'observes',
  request: { proto },
  reply: {
    proto,
    source: oneOf('source', ['board', 'mock']),
    clock: oneOf('clock', ['real', 'virtual']),
    firmware: token('fw'),
    boardId: token('board'),
    bootNonce: boot,
    lastBatch,
    rows: positive('rows', MAX_CELL + 1),
    columns: positive('cols', MAX_CELL + 1),
    minAmplitudeV: amplitudeV('amp_min_uv'),
    maxAmplitudeV: amplitudeV('amp_max_uv'),
    minWidthUs: widthUs('width_min_us'),
    maxWidthUs: widthUs('width_max_us'),
    waves: positive('waves', MAX_WAVE + 1),
    lineBytes: integer('line_bytes', { min: 512, max: 65_536 }),
    window: positive('window', 64),
    receiveBytes: integer('rx_bytes', { min: 512, max: 16_777_216 }),
    results: positive('results', 1024),
    adcFullScaleV: fixed('adc_fs_uv', { perUnit: MICRO, min: 0.001, max: 100 }),
    adcBits: integer('adc_bits', { min: 8, max: 24 }),
    readGain: fixed('read_gain_ppm', { perUnit: MICRO, min: 1e-3, max: 1000 }),
    readAverages: positive('read_avg', 65_536),
    readGroupNodes: positive('read_nodes', 1024),
    readGroupUs: integer('read_us', { min: 1, max: 1_000_000 }),
    dacFullScaleV: fixed('dac_fs_uv', { perUnit: MICRO, min: 0.001, max: 100 }),
    dacBits: integer('dac_bits', { min: 8, max: 24 }),
    boardTimeUs,
    rests,
  },
});

export const ping = command({
  verb: 'PING',
  summary: 'Board time, whether it is armed, the last batch, and how many lines it could not read.',
  effect: 'observes',
  request: {},
  reply: {
    bootNonce: boot,
    boardTimeUs,
    armed: oneOf('armed', ['yes', 'no']),
    lastBatch,
    badLines: integer('bad_lines', { min: 0, max: MAX_U32 }),
    rests,
    restCause: optional(restCause),
    restHost: optional(restHost),
  },
});

export const read = command({
  verb: 'READ',
  summary:
    'Converter codes of both nodes of each cell, without disturbing them: S then R, in cell order. A board with a sensor tells its temperature.',
  effect: 'observes',
  request: { cells: cellList('cells') },
  reply: { boardTimeUs, temperatureK: optional(temperatureK('temp_mk')), codes },
});

export const wave = command({
  verb: 'WAVE',
  summary: 'Defines the amplitude and width that slots name by number; answers the DAC code in use.',
  effect: 'idempotent',
  request: {
    wave: integer('wave', { min: 0, max: MAX_WAVE }),
    amplitudeV: amplitudeV('amp_uv'),
    widthUs: widthUs('width_us'),
  },
  reply: { dacCode: integer('dac', { min: 0, max: 0xffffff }) },
});

export const arm = command({
  verb: 'ARM',
  summary:
    'Allows pulses up to an amplitude and width, which the board then enforces. Where no good line comes for `hold_ms`, it disarms itself. With `rests`, refused where the board has come to rest since.',
  effect: 'idempotent',
  request: {
    maxAmplitudeV: amplitudeV('amp_max_uv'),
    maxWidthUs: widthUs('width_max_us'),
    holdMs: optional(integer('hold_ms', { min: 100, max: 3_600_000 })),
    rests,
    host,
  },
  reply: { bootNonce: boot, boardTimeUs, rests },
});

export const disarm = command({
  verb: 'DISARM',
  summary: 'Forbids pulses. Outputs are at rest when it answers.',
  effect: 'idempotent',
  request: { host },
  reply: { boardTimeUs, rests },
});

const startedUs = integer('start_us', { min: 0, max: Number.MAX_SAFE_INTEGER });
const slotsDone = optional(integer('slots_done', { min: 0, max: 65_535 }));

export const run = command({
  verb: 'RUN',
  summary:
    'Emits a batch of slots, `gap_us` of rest after each, at `at_us` or at once. Answers two codes a pulse: its node before and after its slot.',
  effect: 'changes',
  request: {
    batch,
    gapUs: integer('gap_us', { min: 0, max: 3_600_000_000 }),
    atUs: optional(integer('at_us', { min: 0, max: Number.MAX_SAFE_INTEGER })),
    slots: packedSlots('slots'),
  },
  reply: { batch, startedUs, slackUs: optional(slackUs), slotsDone, boardTimeUs, codes },
});

export const result = command({
  verb: 'RESULT',
  summary: 'The outcome of a batch of this boot: `none` when it never ran, or is older than the board keeps.',
  effect: 'observes',
  request: { batch },
  reply: {
    bootNonce: boot,
    lastBatch,
    state: oneOf('state', ['done', 'none']),
    startedUs: optional(startedUs),
    slackUs: optional(slackUs),
    slotsDone,
    boardTimeUs: optional(boardTimeUs),
    codes: optional(codes),
  },
});

export const count = command({
  verb: 'COUNT',
  summary:
    'How many pulses each node has received, S then R: since this boot, or ever where the board can remember.',
  effect: 'observes',
  request: { cells: cellList('cells') },
  reply: { since: oneOf('since', ['boot', 'ever']), counts: packedWords('counts') },
});

export const safe = command({
  verb: 'SAFE',
  summary:
    'Outputs to rest, disarmed, waves forgotten. Always accepted; a batch under way ends with the pulses of its slot. Says whether the board was armed.',
  effect: 'idempotent',
  request: { host },
  reply: { boardTimeUs, wasArmed: optional(oneOf('was_armed', ['yes', 'no'])), rests },
});

/** Every command of FNP/1, in the order of PROTOCOL.md. */
export const commands = { hello, ping, read, wave, arm, disarm, run, result, count, safe } as const;
