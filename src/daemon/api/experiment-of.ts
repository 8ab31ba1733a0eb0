import { type Experiment, experimentSchema } from '../../config/experiment.ts';
import { readShipped, shippedExperiments } from '../../config/experiment-file.ts';
import { problemsOf } from '../../config/problems.ts';
import { suggest } from '../../config/suggest.ts';
import type { Lab } from '../lab.ts';
import type { ExperimentRequest } from '../routes/jobs.ts';
import { boardOf } from './boards.ts';
import { invalid } from './body.ts';
import type { CalibrationShelf } from './calibration-shelf.ts';
import { mergePatch } from './merge-patch.ts';

/** The request with its experiment written out, for whichever board. Throws `config-invalid`. */
export const wholeRequest = ({
  board,
  experiment,
  overrides = {},
}: ExperimentRequest): ExperimentRequest => ({
  board,
  experiment: wholeExperiment(experiment, overrides, ANY_BOARD),
});

const ANY_BOARD = 'mock:dam-a';

/** The experiment that a request means, on a board of this daemon. Throws `config-invalid` with all problems, or `not-found`. */
export function experimentOf(
  { board, experiment, overrides = {} }: ExperimentRequest,
  lab: Lab,
  calibrations: CalibrationShelf,
): { readonly board: string; readonly experiment: Experiment } {
  const { name, address } = boardOf(lab, board);
  const read = wholeExperiment(experiment, overrides, address);
  const { calibration } = read;
  // A name of the daemon's, never a path of the client's.
  return {
    board: name,
    experiment: calibration === undefined ? read : { ...read, calibration: calibrations.fileOf(calibration) },
  };
}

function wholeExperiment(
  experiment: ExperimentRequest['experiment'],
  overrides: object,
  address: string,
): Experiment {
  const asked = mergePatch(typeof experiment === 'string' ? shipped(experiment) : experiment, overrides);
  const value: unknown = { ...(asked as object), board: address };
  const { data: read, error } = experimentSchema.safeParse(value);
  if (read === undefined) throw invalid('experiment', problemsOf(experimentSchema, value, error));
  return read;
}

function shipped(name: string): Experiment {
  const names = shippedExperiments();
  if (names.includes(name)) return readShipped(name);
  throw invalid('experiment', [`experiment is none that is shipped; ${suggest(name.slice(0, 80), names)}`]);
}
