import { base, colors, type Drawing } from '../drawing.ts';
import { commonPulse, type PulseFall, scaledFallV, type TypicalNode, typicalFallV } from './pulse-falls.ts';
import { thinned } from './statistics.ts';

const MOST_MARKS = 400;
const CURVE_POINTS = 50;
const UV_PER_V = 1e6;

/** What nodes fall during a pulse over its amplitude. */
export function pulseFigure(falls: readonly PulseFall[], typical: TypicalNode): Drawing {
  const common = commonPulse(falls);
  const marks = thinned(
    [...falls].sort((left, right) => left.amplitudeV - right.amplitudeV),
    MOST_MARKS,
  ).map((fall) => ({
    amplitudeV: fall.amplitudeV,
    fallUV: UV_PER_V * scaledFallV(fall, common, typical),
    series: fall.kind,
  }));
  const amplitudesV = falls.map(({ amplitudeV }) => amplitudeV);
  const leastV = amplitudesV.reduce(
    (least, amplitudeV) => Math.min(least, amplitudeV),
    Number.POSITIVE_INFINITY,
  );
  const mostV = amplitudesV.reduce((most, amplitudeV) => Math.max(most, amplitudeV), 0);
  const curve =
    falls.length === 0
      ? []
      : Array.from({ length: CURVE_POINTS }, (_, index) => {
          const amplitudeV = leastV + ((mostV - leastV) * index) / (CURVE_POINTS - 1);
          return {
            amplitudeV,
            fallUV: UV_PER_V * typicalFallV(amplitudeV, common, typical),
            series: 'median fit',
          };
        });
  const x = {
    field: 'amplitudeV',
    type: 'quantitative',
    title: 'amplitude of the pulse (V)',
    scale: { zero: false },
  } as const;
  const y = {
    field: 'fallUV',
    type: 'quantitative',
    title: 'fall of the node (µV)',
    scale: { type: 'log', nice: false, padding: 8 },
    axis: { format: '~s', tickCount: 6 },
  } as const;
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain: ['SET', 'RESET', 'median fit'], range: [colors.blue, colors.orange, '#000000'] },
  } as const;
  const scaling =
    falls.length === 0
      ? 'No pulse moved a good node measurably.'
      : `Falls are scaled by the median fit to a pulse of ${(1e3 * common.widthS).toPrecision(3)} ms on a node at ${common.nodeV.toFixed(3)} V.`;
  return {
    id: 'pulses',
    title: 'Pulse response over amplitude',
    caption: `What good nodes fell while a pulse was on. Look for points about the line at all amplitudes, SET and RESET alike: a distance that grows with the amplitude is a
      wrong coupling ratio or DAC gain, the scatter is mismatch of the cells. ${scaling}`,
    specs: [
      {
        ...base,
        layer: [
          { data: { values: curve }, mark: { type: 'line', strokeWidth: 1.4 }, encoding: { x, y, color } },
          {
            data: { values: marks },
            mark: { type: 'point', filled: true, size: 16, opacity: 0.6 },
            encoding: { x, y, color },
          },
        ],
      },
    ],
  };
}
