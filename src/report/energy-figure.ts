import type { Estimator } from '../../calibration/physics/energy.ts';
import { base, boundColors, colors, type Drawing } from './drawing.ts';
import type { EnergyPoint } from './energy-series.ts';
import { FJ_TO_J, lastOfEach, powersOfTen, spreadLabels } from './log-axis.ts';

export const estimatorColors: Readonly<Record<Estimator, string>> = {
  'full-cycle': colors.blue,
  'half-cv2': colors.orange,
  tunneling: colors.green,
};

const HEIGHT = 380;
const LABEL_PX = 14;

/** Estimators, solid, and bounds, dashed, on one logarithmic axis; each named at the end of its line. */
export function energyFigure(energy: readonly EnergyPoint[]): Drawing {
  const values = energy.map(({ energyFJ, ...point }) => ({ ...point, energyJ: energyFJ * FJ_TO_J }));
  const domain = powersOfTen(values.map(({ energyJ }) => energyJ));
  const lastStep = values.reduce((most, { step }) => Math.max(most, step), 1);
  const labels = spreadLabels(
    lastOfEach(values).map(({ series, energyJ }) => ({ series, step: lastStep, value: energyJ })),
    domain,
    LABEL_PX / HEIGHT,
  );
  const colorOf: Readonly<Record<string, string>> = {
    ...estimatorColors,
    ...Object.fromEntries(Object.entries(boundColors).map(([name, color]) => [`bound (${name})`, color])),
  };
  const x = {
    field: 'step',
    type: 'quantitative' as const,
    title: 'step',
    scale: { domain: [0, lastStep], nice: false },
    axis: { grid: false },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'energy per update (J)',
    scale: { type: 'log' as const, domain: [...domain], nice: false },
    axis: { format: '~s', tickCount: 8 },
  });
  const color = {
    field: 'series',
    type: 'nominal' as const,
    scale: { domain: Object.keys(colorOf), range: Object.values(colorOf) },
    legend: null,
  };
  return {
    id: 'energy',
    title: 'Energy per update and its lower bounds',
    caption:
      'Mean over the updates of each step. Solid: three estimators of what an update cost. Dashed: the least it could have cost, under six assumptions that are alternatives.',
    specs: [
      {
        ...base,
        height: HEIGHT,
        layer: [
          {
            data: { values },
            mark: { type: 'line', strokeWidth: 1.8 },
            encoding: {
              x,
              y: y('energyJ'),
              color,
              strokeDash: { condition: { test: "datum.kind === 'bound'", value: [6, 3] }, value: [1, 0] },
            },
          },
          {
            data: { values: labels },
            mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 },
            encoding: { x, y: y('at'), color, text: { field: 'series' } },
          },
        ],
      },
    ],
  };
}
