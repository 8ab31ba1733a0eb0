import { format } from 'd3-format';
import type { Interval } from '../../comparing/interval.ts';
import type { PulseShape } from '../../comparing/same-step.ts';
import { plain, quantity } from '../../core/format.ts';

/** How a number is printed. */
export type Kind = 'share' | 'count' | 'fJ' | 's';

/** A number with its unit apart, so that an interval is told in the unit of its mean. */
function spelled(value: number, kind: Kind): readonly [number: number, unit: string] {
  switch (kind) {
    case 'share':
      return [100 * value, '%'];
    case 'count':
      return [value, ''];
    case 'fJ':
    case 's': {
      const [text = '', unit = ''] = quantity(value, kind).split(' ');
      return [Number(text), unit];
    }
  }
}

/** A mean with its interval: `12.4 (12.0 to 12.8) fJ`; without one where there is none. */
export function intervalText({ mean, low, high }: Interval, kind: Kind): string {
  const [number, unit] = spelled(mean, kind);
  const scale = mean === 0 ? 1 : number / mean;
  const text = (value: number) =>
    kind === 'count' ? String(Math.round(value)) : format('.3r')(value * scale);
  const range = low === null || high === null ? '' : ` (${text(low)} to ${text(high)})`;
  return `${text(mean)}${range} ${unit}`.trimEnd();
}

/** A ratio with its interval: `8.3e5 (8.1e5 to 8.6e5)`. */
export function ratioText({ mean, low, high }: Interval): string {
  if (low === null || high === null) return plain(mean);
  return `${plain(mean)} (${plain(low)} to ${plain(high)})`;
}

export const pulseText = ({ amplitudeV, widthUs }: PulseShape): string =>
  `${plain(amplitudeV)} V, ${quantity(widthUs / 1e6, 's')}`;
