import { FnloopError } from '../core/errors.ts';
import type { Manifest } from '../store/manifest.ts';
import { RunReader } from '../store/run-reader.ts';

/** Why a run was interrupted, and what that means for it: a signal, or what brought its board to rest. */
export const interruption = ({ failure }: Pick<Manifest, 'failure'>, sentence: string): FnloopError =>
  failure == null
    ? new FnloopError('interrupted', sentence)
    : new FnloopError('brought-to-rest', `${failure} ${sentence}`);

/** The same, of the run in a folder. */
export const interruptionOf = (folder: string, sentence: string): Promise<FnloopError> =>
  RunReader.with(folder, async ({ manifest }) => interruption(manifest, sentence));
