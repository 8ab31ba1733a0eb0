import { percent, quantity } from '../../../core/format.ts';
import { boundNames } from '../../../ledger/bounds.ts';
import type { CurvePoint } from '../../curve.ts';
import type { ChartData } from './series.ts';

const FJ_PER_ZJ = 1e-6;

export const inPercent = (share: number | null): string => percent(share);
export const inJoules = (energyFJ: number | null): string => quantity(energyFJ, 'fJ');

/** Accuracy over the steps of one run. */
export const accuracyData = (points: readonly CurvePoint[]): ChartData => ({
  x: points.map(({ step }) => step),
  series: [
    { label: 'test', color: '--series-1', values: points.map(({ testAccuracy }) => testAccuracy) },
    {
      label: 'train',
      color: '--series-2',
      values: points.map(({ trainAccuracy }) => trainAccuracy),
      isDashed: true,
    },
  ],
});

/** Energy and bounds of an update, means so far, fJ: for a logarithmic axis, which has no zero. */
export const energyData = (points: readonly CurvePoint[]): ChartData => ({
  x: points.map(({ step }) => step),
  series: [
    {
      label: 'measured (full-cycle)',
      color: '--series-1',
      values: points.map(({ energyPerUpdateFJ }) => aboveZero(energyPerUpdateFJ)),
    },
    ...boundNames.map((name) => ({
      label: `bound ${name}`,
      color: `--bound-${name}`,
      isDashed: true,
      values: points.map(({ boundsPerUpdateZJ }) => aboveZero((boundsPerUpdateZJ?.[name] ?? 0) * FJ_PER_ZJ)),
    })),
  ],
});

export const aboveZero = (value: number | null): number | null =>
  value !== null && value > 0 ? value : null;
