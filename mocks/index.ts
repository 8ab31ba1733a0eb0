import { Chip, type ChipOptions } from './chip.ts';
import type { ChipState } from './chip-state.ts';
import { type HostTime, systemTime } from './host-time.ts';
import { loadChipState, replaceFile, saveChipState } from './kept-file.ts';
import { MockBoard } from './mock-board.ts';
import { knownPreset, type NamedPreset } from './preset-file.ts';
import type { Joining } from './serve-tcp.ts';
import { joinedWire, type WireConditions, wireOf } from './wire.ts';
import type { WireEnd } from './wire-end.ts';

export type { Chip, Wave } from './chip.ts';
export type { Defect } from './chip-design.ts';
export type { ChipTruth, NodeTruth } from './chip-truth.ts';
export {
  type FaultScript,
  faultNames,
  faultScript,
  parseFaults,
  type ScheduledFault,
} from './fault-script.ts';
export type { HostTime } from './host-time.ts';
export { type BatchRun, MockBoard } from './mock-board.ts';
export { type NamedPreset, presetDocument, presetOf } from './preset-file.ts';
export { openPipe, type ServedPipe, servePipe } from './serve-pipe.ts';
export { type ServedPty, servePty } from './serve-pty.ts';
export { type ServedTcp, serveTcp } from './serve-tcp.ts';
export type { Served } from './served.ts';
export { type WireConditions, wireOf } from './wire.ts';
export type { WireEnd } from './wire-end.ts';

/** What a mock chip may be told; the rest comes from its preset. */
export interface ChipChoices {
  /** By name, or read from a file. */
  readonly preset: string | NamedPreset;
  readonly cells?: number | undefined;
  readonly seed?: number | undefined;
  readonly noise?: 'on' | 'off' | undefined;
  readonly mismatch?: 'on' | 'off' | undefined;
  /** Mean voltage that the gates were programmed to; the preset's own where absent. */
  readonly startV?: number | undefined;
  /** The preset's own where absent. */
  readonly temperatureK?: number | undefined;
  /** How fast the temperature rises, in board time; 0 where absent. */
  readonly driftKPerHour?: number | undefined;
  readonly sensor?: 'on' | 'off' | undefined;
  /** Nodes that never tunnel, that leak besides, and whose converter channel is at its rail; the preset's own where absent. */
  readonly stuck?: number | undefined;
  readonly leaky?: number | undefined;
  readonly dead?: number | undefined;
}

export interface MockChoices extends ChipChoices {
  /** Virtual where absent: board time passes only by what the board does. */
  readonly time?: 'virtual' | 'real' | undefined;
  /** How fast the board's crystal is in real time, millionths. */
  readonly skewPpm?: number | undefined;
  /** Keeps `MockBoard.batchesRun`, which grows with each batch. */
  readonly batchLog?: boolean | undefined;
  /** The version of FNP that the board speaks; the present one where absent. */
  readonly protocol?: '1.0' | '1.1' | undefined;
  /** File that keeps the chip from one opening to the next; made where it does not exist. */
  readonly state?: string | undefined;
  /** File that the hidden parameters are written to. */
  readonly truth?: string | undefined;
}

export const DEFAULT_CELLS = 64;

/**
 * The bare chip without firmware and wire, for statistics over many: it reads and emits at once, and rests only when
 * told. Throws RangeError for an unknown preset.
 */
export const createChip = (choices: ChipChoices): Chip => new Chip(optionsOf(choices).chip);

/** A mock board of a preset. Throws RangeError for an unknown one, and for files that cannot be used. */
export function createMockBoard(choices: MockChoices, hostTime: HostTime = systemTime): MockBoard {
  const { time, skewPpm, batchLog, protocol, state, truth } = choices;
  if (skewPpm !== undefined && time !== 'real')
    throw new RangeError(`a clock skew needs real time, found ${time ?? 'virtual'} time`);
  const { chip, boardId } = optionsOf(choices);
  const identity = { ...chip, boardId };
  const kept =
    state === undefined
      ? {}
      : {
          earlier: loadChipState(state, identity),
          save: (now: ChipState) => saveChipState(state, identity, now),
        };
  const board = new MockBoard({
    ...chip,
    boardId,
    time,
    skewPpm,
    batchLog,
    protocolVersion: protocol,
    hostTime,
    ...kept,
  });
  if (truth !== undefined)
    replaceFile(truth, `${JSON.stringify({ boardId, ...board.truth }, undefined, 1)}\n`);
  return board;
}

function optionsOf(choices: ChipChoices): { readonly chip: ChipOptions; readonly boardId: string } {
  const { cells = DEFAULT_CELLS, seed = 1, noise, mismatch, sensor, temperatureK, driftKPerHour } = choices;
  const { name, preset } =
    typeof choices.preset === 'string'
      ? { name: choices.preset, preset: knownPreset(choices.preset) }
      : choices.preset;
  const { stuck, leaky, dead } = preset.defects;
  return {
    boardId: `${name}:${seed}`,
    chip: {
      preset: {
        ...preset,
        startV: choices.startV ?? preset.startV,
        defects: {
          stuck: choices.stuck ?? stuck,
          leaky: choices.leaky ?? leaky,
          dead: choices.dead ?? dead,
        },
      },
      cells,
      seed,
      noise: noise !== 'off',
      mismatch: mismatch !== 'off',
      sensor: sensor !== 'off',
      temperatureK,
      driftKPerHour,
    },
  };
}

/**
 * A mock board and the end of its wire to serve, and how further hosts join: the board keeps the truth that no wire
 * reports.
 */
export function createMock(
  choices: MockChoices & WireConditions,
  hostTime: HostTime = systemTime,
): { readonly board: MockBoard; readonly end: WireEnd; readonly join: Joining } {
  const board = createMockBoard(choices, hostTime);
  return {
    board,
    end: wireOf(board, choices, hostTime),
    join: () => joinedWire(board, choices, hostTime),
  };
}
