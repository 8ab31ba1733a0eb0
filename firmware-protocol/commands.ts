import { cellList, MAX_CELL } from './cell-list.ts';
import { command } from './command.ts';
import { fixed, integer, oneOf, optional, text, token } from './field.ts';
import { MAX_WAVE, packedSlots } from './slots.ts';
import { packedCodes } from './words.ts';

/** `major.minor`. Majors must match, which the host checks; a higher minor only adds verbs and optional fields. */
export const PROTOCOL_VERSION = '1.0';

const MICRO = 1e6;
const proto = text('proto', /^\d{1,3}\.\d{1,3}$/, '`major.minor`');
const count = (key: string, max: number) => integer(key, { min: 1, max });
const boardTimeUs = integer('t_us', { min: 0, max: Number.MAX_SAFE_INTEGER });
const boot = integer('boot', { min: 0, max: 0xffffffff });
const batch = integer('batch', { min: 1, max: 0xffffffff });
const amplitudeV = (key: string) => fixed(key, { perUnit: MICRO, min: 0, max: 20 });
const widthUs = (key: string) => integer(key, { min: 1, max: 3_600_000_000 });
const codes = packedCodes('codes');

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
    lastBatch: integer('last_batch', { min: 0, max: 0xffffffff }),
    rows: count('rows', MAX_CELL + 1),
    columns: count('cols', MAX_CELL + 1),
    minAmplitudeV: amplitudeV('amp_min_uv'),
    maxAmplitudeV: amplitudeV('amp_max_uv'),
    minWidthUs: widthUs('width_min_us'),
    maxWidthUs: widthUs('width_max_us'),
    waves: count('waves', MAX_WAVE + 1),
    lineBytes: integer('line_bytes', { min: 512, max: 65_536 }),
    window: count('window', 64),
    results: count('results', 1024),
    adcFullScaleV: fixed('adc_fs_uv', { perUnit: MICRO, min: 0.001, max: 100 }),
    adcBits: integer('adc_bits', { min: 8, max: 24 }),
    readGain: fixed('read_gain_ppm', { perUnit: MICRO, min: 1e-3, max: 1000 }),
    readAverages: count('read_avg', 65_536),
    readGroupNodes: count('read_nodes', 1024),
    readGroupUs: integer('read_us', { min: 1, max: 1_000_000 }),
    dacFullScaleV: fixed('dac_fs_uv', { perUnit: MICRO, min: 0.001, max: 100 }),
    dacBits: integer('dac_bits', { min: 8, max: 24 }),
    boardTimeUs,
  },
});

export const ping = command({
  verb: 'PING',
  summary: 'Board time, whether it is armed, and how many lines it could not read.',
  effect: 'observes',
  request: {},
  reply: {
    bootNonce: boot,
    boardTimeUs,
    armed: oneOf('armed', ['yes', 'no']),
    badLines: integer('bad_lines', { min: 0, max: 0xffffffff }),
  },
});

export const read = command({
  verb: 'READ',
  summary: 'Converter codes of both nodes of each cell, without disturbing them: S then R, in cell order.',
  effect: 'observes',
  request: { cells: cellList('cells') },
  reply: { boardTimeUs, codes },
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
  summary: 'Allows pulses up to an amplitude and width, which the board then enforces.',
  effect: 'idempotent',
  request: { maxAmplitudeV: amplitudeV('amp_max_uv'), maxWidthUs: widthUs('width_max_us') },
  reply: { boardTimeUs },
});

export const disarm = command({
  verb: 'DISARM',
  summary: 'Forbids pulses. Outputs are at rest when it answers.',
  effect: 'idempotent',
  request: {},
  reply: { boardTimeUs },
});

const startedUs = integer('start_us', { min: 0, max: Number.MAX_SAFE_INTEGER });

export const run = command({
  verb: 'RUN',
  summary:
    'Emits a batch of slots, `gap_us` of rest after each. Answers two codes a pulse: its node before and after its slot.',
  effect: 'changes',
  request: {
    batch,
    gapUs: integer('gap_us', { min: 0, max: 3_600_000_000 }),
    slots: packedSlots('slots'),
  },
  reply: { batch, startedUs, boardTimeUs, codes },
});

export const result = command({
  verb: 'RESULT',
  summary: 'The outcome of a batch of this boot: `none` when it never ran or is older than the board keeps.',
  effect: 'observes',
  request: { batch },
  reply: {
    state: oneOf('state', ['done', 'none']),
    startedUs: optional(startedUs),
    boardTimeUs: optional(boardTimeUs),
    codes: optional(codes),
  },
});

export const safe = command({
  verb: 'SAFE',
  summary: 'Outputs to rest at once, disarmed, waves forgotten. Always accepted.',
  effect: 'idempotent',
  request: {},
  reply: { boardTimeUs },
});

/** Every command of FNP/1, in the order of PROTOCOL.md. */
export const commands = { hello, ping, read, wave, arm, disarm, run, result, safe } as const;
