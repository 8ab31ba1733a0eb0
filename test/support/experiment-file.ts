import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readExperiment } from '../../src/config/experiment-file.ts';
import { temporaryFolder } from './folder.ts';

/** An experiment file: a shipped experiment with other values for some of its keys. */
export function experimentFile(
  changes: Readonly<Record<string, unknown>>,
  shipped = 'breast-cancer',
): string {
  const path = join(temporaryFolder(), 'experiment.yaml');
  writeFileSync(path, stringify({ ...readExperiment(shipped), ...changes }));
  return path;
}
