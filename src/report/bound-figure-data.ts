import { accelerators } from '../../calibration/bounds/accelerators.ts';
import type { BoundAssumptions } from '../../calibration/bounds/assumptions.ts';
import { whereAllowed } from '../../calibration/bounds/domain.ts';
import { type BoundName, boundNames, trainingBounds } from '../../calibration/bounds/training-bounds.ts';
import { updatesPerParameter } from '../../calibration/bounds/training-load.ts';
import { J_PER_ZJ, thermalEnergyZJ } from '../../calibration/constants.ts';
import { models } from '../../calibration/models.ts';
import type { AskedTraining } from './bound-comparison.ts';

/** A line over model size, straight on two logarithmic axes; its two ends. */
export interface SizePoint {
  readonly series: string;
  readonly parameters: number;
  readonly totalJ: number;
}

/** A model at its own size and number of updates. */
export interface ModelPoint extends SizePoint {
  readonly series: BoundName;
  readonly model: string;
  readonly perUpdateKT: number;
  /** Has more updates a parameter than the named models on average, so it lies above their trend. */
  readonly isAboveTrend: boolean;
}

export interface BoundFigureData {
  readonly parameters: readonly [min: number, max: number];
  readonly bounds: readonly SizePoint[];
  readonly accelerators: readonly SizePoint[];
  readonly models: readonly ModelPoint[];
  /** At a measured cost of an update; empty where there is none. */
  readonly chip: readonly SizePoint[];
}

/** What an update took, and whose it was. */
export interface MeasuredUpdate {
  readonly name: string;
  readonly perUpdateJ: number;
}

const FROM = 1e8;
const TO = 1e16;

/**
 * Lines hold the updates a parameter of the training asked for; points are models at their own. Models whose updates come
 * faster than the assumptions allow are left out. Throws RangeError where those of `training` do.
 */
export function boundFigureData(
  training: AskedTraining,
  assumptions: BoundAssumptions,
  chip?: MeasuredUpdate,
): BoundFigureData {
  const perParameter = updatesPerParameter(training);
  const decade = Math.log10(training.parameters);
  const ends = [
    Math.min(FROM, 10 ** (Math.floor(decade) - 1)),
    Math.max(TO, 10 ** (Math.ceil(decade) + 1)),
  ] as const;
  const named = Object.values(models);
  const trend = named.reduce((sum, model) => sum + Math.log(updatesPerParameter(model)), 0) / named.length;
  const asked = named.some((model) => model === training) ? [] : [training];
  const kTJ = thermalEnergyZJ(assumptions.temperatureK) * J_PER_ZJ;
  return {
    parameters: ends,
    bounds: ends.flatMap((parameters) => {
      const bounds = trainingBounds({ parameters, operations: parameters * perParameter }, assumptions);
      return drawable(boundNames.map((series) => ({ series, parameters, totalJ: bounds[series].totalJ })));
    }),
    accelerators: ends.flatMap((parameters) =>
      accelerators.map(({ name, perOperationJ }) => ({
        series: name,
        parameters,
        totalJ: perOperationJ * parameters * perParameter,
      })),
    ),
    chip:
      chip === undefined
        ? []
        : ends.map((parameters) => ({
            series: chip.name,
            parameters,
            totalJ: chip.perUpdateJ * parameters * perParameter,
          })),
    models: [...named, ...asked].flatMap((model) => {
      const bounds = whereAllowed(() => trainingBounds(model, assumptions));
      if (bounds === undefined) return [];
      return drawable(
        boundNames.map((series) => ({
          series,
          model: model.title,
          parameters: model.parameters,
          totalJ: bounds[series].totalJ,
          isAboveTrend: Math.log(updatesPerParameter(model)) > trend,
          perUpdateKT: (bounds[series].perUpdateZJ * J_PER_ZJ) / kTJ,
        })),
      );
    }),
  };
}

/** A logarithmic axis has no zero: `matched` costs nothing where no parameter is updated twice. */
const drawable = <T extends SizePoint>(points: readonly T[]): T[] =>
  points.filter(({ totalJ }) => totalJ > 0);
