import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FnloopError } from '../core/errors.ts';
import { packageRoot } from '../core/package.ts';
import { readDocument } from './document.ts';
import { type Experiment, experimentSchema } from './experiment.ts';
import { suggest } from './suggest.ts';

const shippedFolder = join(packageRoot, 'src', 'experiments');

/** Names of the experiments that come with fnloop. */
export const shippedExperiments = (): string[] =>
  readdirSync(shippedFolder)
    .map((file) => basename(file, '.yaml'))
    .sort();

/** Reads an experiment by path, or by the name of a shipped one. */
export function readExperiment(nameOrPath: string): Experiment {
  if (existsSync(nameOrPath)) return readDocument(nameOrPath, experimentSchema);
  const shipped = shippedExperiments();
  if (shipped.includes(nameOrPath)) return readShipped(nameOrPath);
  throw new FnloopError(
    'file-missing',
    `There is no file '${nameOrPath}' and no shipped experiment of that name; ${suggest(nameOrPath, shipped)}`,
  );
}

/** Reads the shipped experiment of that name, which has to be one of `shippedExperiments`. */
export const readShipped = (name: string): Experiment =>
  readDocument(join(shippedFolder, `${name}.yaml`), experimentSchema);
