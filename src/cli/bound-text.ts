import { boundNames } from '../../calibration/bounds/training-bounds.ts';
import { quantity } from '../core/format.ts';
import type { AssumptionRow, BoundComparison } from '../report/bound-comparison.ts';
import { powers } from './powers.ts';
import { projectionLines, projectionRows } from './projection-text.ts';
import { table } from './table.ts';

const ZJ_PER_J = 1e21;

/** Bounds for people: what they are, what they rest on, and what others say. */
export function boundText(comparison: BoundComparison): string {
  const { training, publishedBand } = comparison;
  const source = training.source === null ? '' : ` (${training.source})`;
  return [
    `Training of ${training.title}${source}: ${powers(training.parameters)} parameters, ${powers(training.operations)} operations,`,
    `${powers(training.updatesPerParameter)} updates a parameter at ${powers(training.ratePerS)} a second.`,
    table(
      ['', 'assumes', 'per update', 'in kT', 'total (J)', 'total (kWh)', 'over matched'],
      [...costRows(comparison), ...projectionRows(comparison)],
    ),
    ...projectionLines(comparison.projection),
    'What each assumption contributes: the factor on each bound when it alone is changed.',
    table(
      ['assumption', 'value', '', 'changed to', ...boundNames],
      comparison.assumptions.map(assumptionRow),
    ),
    ...bandLines(publishedBand),
  ].join('\n');
}

function costRows({ bounds, accelerators }: BoundComparison): string[][] {
  const rows = [
    ...boundNames.map((name) => ({
      ...bounds[name],
      name: `bound (${name})`,
      assumes: bounds[name].formula,
    })),
    ...accelerators.map((row) => ({
      ...row,
      assumes: `${quantity(row.perUpdateJ * ZJ_PER_J, 'zJ')} an operation [${row.provenance}]`,
    })),
  ];
  return rows.map(({ name, assumes, perUpdateJ, perUpdateKT, totalJ, totalKWh, overMatched }) => [
    name,
    assumes,
    quantity(perUpdateJ * ZJ_PER_J, 'zJ'),
    powers(perUpdateKT),
    powers(totalJ),
    powers(totalKWh),
    overMatched === null ? '-' : powers(overMatched),
  ]);
}

function assumptionRow({ label, value, unit, provenance, changed }: AssumptionRow): string[] {
  return [
    label,
    withUnit(value, unit),
    provenance,
    ...(changed === null
      ? ['nothing allowed', ...boundNames.map(() => '-')]
      : [withUnit(changed.to, unit), ...boundNames.map((name) => factor(changed.effects[name]))]),
  ];
}

function bandLines(band: BoundComparison['publishedBand']): string[] {
  const { bounds, parameters, operations, minJ, maxJ, centerJ, source } = band;
  if (bounds === null) return [];
  return [
    `Published: ${powers(minJ)} to ${powers(maxJ)} J for ${powers(parameters)} parameters (${source}). Ours at that size, with an assumed OPS of ${powers(operations)}:`,
    table(
      ['', 'total (J)', `over the center, ${powers(centerJ)} J`, 'in the band'],
      boundNames.map((name) => [
        `bound (${name})`,
        powers(bounds[name].totalJ),
        powers(bounds[name].overCenter),
        bounds[name].isInBand ? 'yes' : 'no',
      ]),
    ),
    `This is ${band.meaning}.`,
  ];
}

/** A dot where nothing changes. */
const factor = (effect: number | null): string =>
  effect === null ? '-' : Math.abs(effect - 1) < 1e-9 ? '·' : `×${powers(Number(effect.toPrecision(3)))}`;

const YEAR_S = 365.25 * 86_400;
const DAY_S = 86_400;

function withUnit(value: number, unit: string): string {
  if (unit !== 's' || value < DAY_S) return `${powers(value)} ${unit}`.trimEnd();
  return value < YEAR_S ? `${powers(value / DAY_S)} d` : `${powers(value / YEAR_S)} y`;
}
