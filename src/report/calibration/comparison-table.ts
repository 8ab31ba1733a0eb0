import { html } from 'hono/html';
import { numberWithSigma } from '../../core/format.ts';
import type { Html } from '../shell.ts';
import type { Comparison } from './comparison.ts';

/** A number as it is printed in the tables: significant digits, powers of ten short. */
export const digits = (value: number, count: number): string =>
  Number.isFinite(value) ? value.toPrecision(count).replace('e+', 'e') : '-';

const withUnit = (text: string, unit: string): string =>
  unit === '' || text === '-' ? text : `${text} ${unit}`;

/** Quantities of which the sigma itself is told, not its share: they may be zero, or are a share already. */
const isAbsolute = ({ theory, unit }: Comparison): boolean => theory.value === 0 || unit.startsWith('%');

/** The median to as many digits as it has, or as the sigma of a node leaves. */
function medianText(row: Comparison): string {
  const { median, sigma, unit } = row;
  if (!Number.isFinite(median)) return '-';
  if (!isAbsolute(row)) return withUnit(digits(median, MEDIAN_DIGITS), unit);
  const decimals = sigma > 0 ? Math.max(0, 1 - Math.floor(Math.log10(sigma))) : MEDIAN_DIGITS;
  return withUnit(median.toFixed(Math.min(9, decimals)), unit);
}

/** A sigma as a share of the value, or itself. */
function sigmaText(sigma: number, row: Comparison): string {
  if (!Number.isFinite(sigma)) return '-';
  if (isAbsolute(row)) return withUnit(digits(sigma, 2), row.unit);
  return `${digits((100 * sigma) / Math.abs(row.median), 2)} %`;
}

/** The measured quantities beside theory. */
export const comparisonTable = (
  rows: readonly Comparison[],
): Html => html`<div class="wide"><table class="theory">
<thead><tr><th></th><th>median</th><th>spread</th><th>σ of a node</th><th>common σ</th><th>theory</th><th>ratio</th><th>theory from</th></tr></thead>
<tbody>
${rows.map(comparisonRow)}
</tbody></table></div>`;

function comparisonRow(row: Comparison): Html {
  const { name, unit, theory, commonSigma } = row;
  const theoryText =
    theory.sigma === 0 ? digits(theory.value, 3) : numberWithSigma(theory.value, theory.sigma);
  return html`<tr><th scope="row">${name}</th><td>${medianText(row)}</td><td>${sigmaText(row.spread, row)}</td><td>${sigmaText(row.sigma, row)}</td><td>${commonSigma === 0 ? '-' : sigmaText(commonSigma, row)}</td><td>${withUnit(theoryText, unit)}</td><td>${ratioText(row)}</td><td class="basis">${theory.basis} [${theory.provenance}]</td></tr>
`;
}

function ratioText({ ratio, isPrior }: Comparison): string {
  if (isPrior) return 'not measured';
  return ratio === null || !Number.isFinite(ratio.value) ? '-' : numberWithSigma(ratio.value, ratio.sigma);
}

const MEDIAN_DIGITS = 5;
