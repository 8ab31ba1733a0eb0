import { percent } from '../../core/format.ts';
import { base, colors, type Drawing } from '../drawing.ts';
import { type Residual, residualBands } from './residuals.ts';
import { thinned } from './statistics.ts';

const MOST_MARKS = 300;
const MOST_BINS = 60;
/** Residuals beyond it are drawn at the edge, sigmas. */
const EDGE = 6;
/** 90 % of a normal distribution lie within. */
const NORMAL_95 = 1.645;
const FAR = 3;
const NORMAL_BEYOND_3 = 0.0027;

/** How far each reading was from what those before it predict, over board time. */
export function residualFigure(residuals: readonly Residual[]): Drawing {
  const longestS = residuals.reduce((most, { timeS }) => Math.max(most, timeS), 0);
  const { unit, unitS } = timeUnit(longestS);
  const marks = thinned(
    [...residuals].sort((left, right) => left.timeS - right.timeS),
    MOST_MARKS,
  ).map(({ timeS, sigmas }) => ({
    time: timeS / unitS,
    sigmas: Math.max(-EDGE, Math.min(EDGE, sigmas)),
    isCut: Math.abs(sigmas) > EDGE,
  }));
  const bands = residualBands(residuals, MOST_BINS).map(({ timeS, low, middle, high }) => ({
    time: timeS / unitS,
    low: Math.max(-EDGE, low),
    middle,
    high: Math.min(EDGE, high),
  }));
  const far = residuals.filter(({ sigmas }) => Math.abs(sigmas) > FAR).length;
  const x = { field: 'time', type: 'quantitative', title: `board time (${unit})` } as const;
  const yScale = { domain: [-EDGE, EDGE] };
  return {
    id: 'residuals',
    title: 'Residuals over time',
    caption: `Each reading of a good node less what the readings before it predict (innovation), in sigmas of read and shot noise. Look for a band (5 to 95 % of the readings, line:
      median) that stays between the dashed lines, where noise alone puts it. A median that wanders for all nodes together is temperature drift; a band that
      widens is a law that does not hold. ${residuals.length} residuals, ${percent(residuals.length === 0 ? null : far / residuals.length)} beyond ${FAR} sigmas (noise alone: ${percent(NORMAL_BEYOND_3)}).`,
    specs: [
      {
        ...base,
        layer: [
          {
            data: { values: bands },
            mark: { type: 'area', color: colors.blue, opacity: 0.22 },
            encoding: {
              x,
              y: { field: 'low', type: 'quantitative', title: 'residual (sigmas)', scale: yScale },
              y2: { field: 'high' },
            },
          },
          {
            data: { values: [{ at: -NORMAL_95 }, { at: NORMAL_95 }] },
            mark: { type: 'rule', strokeDash: [5, 3], color: colors.gray },
            encoding: { y: { field: 'at', type: 'quantitative' } },
          },
          {
            data: { values: marks },
            mark: { type: 'point', filled: true, size: 10, opacity: 0.5 },
            encoding: {
              x,
              y: { field: 'sigmas', type: 'quantitative', scale: yScale },
              color: { condition: { test: 'datum.isCut', value: colors.orange }, value: colors.gray },
            },
          },
          {
            data: { values: bands },
            mark: { type: 'line', color: colors.blue, strokeWidth: 1.6 },
            encoding: { x, y: { field: 'middle', type: 'quantitative', scale: yScale } },
          },
        ],
      },
    ],
  };
}

function timeUnit(longestS: number): { readonly unit: string; readonly unitS: number } {
  if (longestS > 3 * 3600) return { unit: 'h', unitS: 3600 };
  return longestS > 300 ? { unit: 'min', unitS: 60 } : { unit: 's', unitS: 1 };
}
