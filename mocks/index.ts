import { type HostTime, systemTime } from './host-time.ts';
import { MockBoard } from './mock-board.ts';
import { presets } from './presets.ts';
import { type WireConditions, wireOf } from './wire.ts';
import type { WireEnd } from './wire-end.ts';

export {
  type FaultScript,
  faultNames,
  faultScript,
  parseFaults,
  type ScheduledFault,
} from './fault-script.ts';
export type { HostTime } from './host-time.ts';
export { type BatchRun, MockBoard } from './mock-board.ts';
export { openPipe, type ServedPipe, servePipe } from './serve-pipe.ts';
export { type ServedPty, servePty } from './serve-pty.ts';
export { type ServedTcp, serveTcp } from './serve-tcp.ts';
export type { Served } from './served.ts';
export { type WireConditions, wireOf } from './wire.ts';
export type { WireEnd } from './wire-end.ts';

/** What a mock board may be told; the rest comes from its preset. */
export interface MockChoices {
  readonly preset: string;
  readonly cells?: number | undefined;
  readonly seed?: number | undefined;
  readonly noise?: 'on' | 'off' | undefined;
  readonly mismatch?: 'on' | 'off' | undefined;
  /** Mean voltage that the gates were programmed to; the preset's own where absent. */
  readonly startV?: number | undefined;
  /** Virtual where absent: board time passes only by what the board does. */
  readonly time?: 'virtual' | 'real' | undefined;
  /** How fast the board's crystal is in real time, millionths. */
  readonly skewPpm?: number | undefined;
  /** Keeps `MockBoard.batchesRun`, which grows with each batch. */
  readonly batchLog?: boolean | undefined;
}

export const DEFAULT_CELLS = 64;

/** A mock board of a preset. Throws RangeError for an unknown one. */
export function createMockBoard(choices: MockChoices, hostTime: HostTime = systemTime): MockBoard {
  const { preset: name, cells = DEFAULT_CELLS, seed = 1, noise, mismatch, time, skewPpm, batchLog } = choices;
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) {
    throw new RangeError(`there is no preset '${name}', expected one of ${Object.keys(presets).join(', ')}`);
  }
  if (skewPpm !== undefined && time !== 'real')
    throw new RangeError(`a clock skew needs real time, found ${time ?? 'virtual'} time`);
  return new MockBoard({
    preset: { ...preset, startV: choices.startV ?? preset.startV },
    boardId: `${name}:${seed}`,
    cells,
    seed,
    noise: noise !== 'off',
    mismatch: mismatch !== 'off',
    time,
    skewPpm,
    batchLog,
    hostTime,
  });
}

/** A mock board and the end of its wire to serve: the board keeps the truth that no wire reports. */
export function createMock(
  choices: MockChoices & WireConditions,
  hostTime: HostTime = systemTime,
): { readonly board: MockBoard; readonly end: WireEnd } {
  const board = createMockBoard(choices, hostTime);
  return { board, end: wireOf(board, choices, hostTime) };
}
