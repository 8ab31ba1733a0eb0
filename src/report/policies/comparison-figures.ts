import type { ComparedRun } from '../../comparing/compared-run.ts';
import type { PolicyComparison, PolicyResult } from '../../comparing/comparison.ts';
import { quantity } from '../../core/format.ts';
import { type Drawing, drawAll, type Figure } from '../drawing.ts';
import { energyAccuracyFigure } from '../energy-accuracy-figure.ts';
import { energySpeedFigure } from '../energy-speed-figure.ts';
import { waterfallFigure } from '../waterfall-figure.ts';
import { partNames } from '../waterfall-rows.ts';

/** Draws a comparison: energy against accuracy of the first seed, energy against speed, and where the energy went. */
export function drawComparison(
  comparison: PolicyComparison,
  runs: readonly ComparedRun[],
): Promise<Figure[]> {
  return drawAll([courses(runs), speeds(comparison), waterfalls(comparison)]);
}

function courses(runs: readonly ComparedRun[]): Drawing {
  const seed = runs[0]?.seed;
  const own = runs.filter((run) => run.isOwnPulse && run.seed === seed);
  const drawing = energyAccuracyFigure(
    own.flatMap(({ policy, course }) =>
      course.map(({ accuracy, energyFJ }) => ({ series: policy, accuracy, energyFJ })),
    ),
  );
  return { ...drawing, caption: `${drawing.caption} Seed ${seed}.` };
}

const Z_95 = 1.96;

function speeds({ policies, variants }: PolicyComparison): Drawing {
  return energySpeedFigure(
    [...policies, ...variants]
      .sort((one, other) => one.pulse.widthUs - other.pulse.widthUs)
      .map(({ policy, pulse, totalFJ, boardTimeS }) => ({
        series: policy,
        label: quantity(pulse.widthUs / 1e6, 's'),
        energyFJ: totalFJ.mean,
        sigmaFJ: ((totalFJ.high ?? totalFJ.mean) - totalFJ.mean) / Z_95,
        boardTimeS: boardTimeS.mean,
      })),
  );
}

function waterfalls({ policies }: PolicyComparison): Drawing {
  const bars = ({ policy, partsFJ, perUpdateFJ }: PolicyResult) => [
    ...partNames.map(({ name, part }) => ({ series: policy, part, energyFJ: partsFJ[name] })),
    { series: policy, part: 'cells in all', energyFJ: perUpdateFJ.mean, isSubtotal: true },
    { series: policy, part: 'reads', energyFJ: partsFJ.reads },
  ];
  return waterfallFigure(policies.flatMap(bars));
}
