import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { ChipState } from './chip-state.ts';
import { type ChipIdentity, readChipState, spellChipState } from './chip-state-format.ts';

/** The state of an earlier opening; nothing where there is no such file. Throws RangeError for one that cannot be gone on from. */
export function loadChipState(path: string, identity: ChipIdentity): ChipState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readChipState(readFileSync(path, 'utf8'), identity);
  } catch (cause) {
    throw new RangeError(`the chip state ${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

export const saveChipState = (path: string, identity: ChipIdentity, state: ChipState): void =>
  replaceFile(path, spellChipState(identity, state));

/** Writes a file of a mock. Whatever happens, it has its old content or its new one. Throws RangeError where it cannot. */
export function replaceFile(path: string, content: string): void {
  try {
    const unfinished = `${path}.tmp`;
    const file = openSync(unfinished, 'w');
    try {
      writeSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  } catch (cause) {
    throw new RangeError(`${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
