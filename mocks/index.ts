import { MockBoard } from './mock-board.ts';
import { presets } from './presets.ts';

export { MockBoard, type WireEnd } from './mock-board.ts';
export { openPipe } from './serve-pipe.ts';
export { type ServedPty, servePty } from './serve-pty.ts';
export { type ServedTcp, serveTcp } from './serve-tcp.ts';

/** What a mock board may be told; the rest comes from its preset. */
export interface MockChoices {
  readonly preset: string;
  readonly cells?: number | undefined;
  readonly seed?: number | undefined;
  readonly noise?: 'on' | 'off' | undefined;
  readonly mismatch?: 'on' | 'off' | undefined;
  /** Mean voltage that the gates were programmed to; the preset's own where absent. */
  readonly startV?: number | undefined;
}

export const DEFAULT_CELLS = 64;

/** A mock board of a preset. Throws RangeError for an unknown one. */
export function createMockBoard(choices: MockChoices): MockBoard {
  const { preset: name, cells = DEFAULT_CELLS, seed = 1, noise, mismatch } = choices;
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) {
    throw new RangeError(`there is no preset '${name}', expected one of ${Object.keys(presets).join(', ')}`);
  }
  return new MockBoard({
    preset: { ...preset, startV: choices.startV ?? preset.startV },
    boardId: `${name}:${seed}`,
    cells,
    seed,
    noise: noise !== 'off',
    mismatch: mismatch !== 'off',
  });
}
