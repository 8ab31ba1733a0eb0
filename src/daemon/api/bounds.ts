import type { BoundAssumptions } from '../../../calibration/bounds/assumptions.ts';
import { models } from '../../../calibration/models.ts';
import { FnloopError } from '../../core/errors.ts';
import { type AskedTraining, type BoundQuestion, compareBounds } from '../../report/bound-comparison.ts';
import { readProjectedRun } from '../../report/projection.ts';
import type { boundRoutes } from '../routes/bounds.ts';
import { invalid } from './body.ts';
import type { Handlers } from './mount.ts';
import type { RunShelf } from './run-shelf.ts';

export const boundHandlers = (shelf: RunShelf): Handlers<typeof boundRoutes> => ({
  bounds: async ({ query: { model, parameters, operations, converterBits, run, ...assumptions } }) => {
    const training = trainingOf(model, parameters, operations);
    const projected = run === undefined ? undefined : await shelf.read(run, readProjectedRun);
    const given = Object.fromEntries(
      Object.entries(assumptions).filter(([, value]) => value !== undefined),
    ) as Partial<BoundAssumptions>;
    return answer({ training, given, converterBits, run: projected });
  },
});

function trainingOf(
  model: string | undefined,
  parameters: number | undefined,
  operations: number | undefined,
): AskedTraining {
  const isOwn = parameters !== undefined || operations !== undefined;
  if (isOwn && model !== undefined)
    throw invalid('query', ['model excludes parameters and operations: say one or the other']);
  if (parameters !== undefined && operations !== undefined)
    return { title: 'a model of your own', parameters, operations };
  if (isOwn) throw invalid('query', ['a model of your own needs both parameters and operations']);
  const named = models[model ?? 'brain-scale'];
  if (named === undefined) throw new FnloopError('invariant', `There is no model ${model}.`);
  return named;
}

function answer(question: BoundQuestion) {
  try {
    return compareBounds(question);
  } catch (error) {
    if (error instanceof RangeError) throw invalid('query', [`there is no such bound: ${error.message}`]);
    throw error;
  }
}
