import { html } from 'hono/html';
import { numberWithSigma } from '../../core/format.ts';
import type { Html } from '../shell.ts';
import type { Comparison } from './comparison.ts';

/** A number as it is printed in the tables: significant digits, powers of ten short. */
export const digits = (value: number, count: number): string =>
  Number.isFinite(value) ? value.toPrecision(count).replace('e+', 'e') : '-';

const withUnit = (text: string, unit: string): string =>
  unit === '' || text === '-' ? text : `${text} ${unit}`;

/** A sigma as a share of the value; itself where the value may be zero or is a share already. */
function sigmaText(sigma: number, { median, theory, unit }: Comparison): string {
  if (!Number.isFinite(sigma)) return '-';
  if (theory.value === 0 || unit.startsWith('%')) return withUnit(digits(sigma, 2), unit);
  return `${digits((100 * sigma) / Math.abs(median), 2)} %`;
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
  const { name, unit, theory, ratio, commonSigma } = row;
  const theoryText =
    theory.sigma === 0 ? digits(theory.value, 3) : numberWithSigma(theory.value, theory.sigma);
  return html`<tr><th scope="row">${name}</th><td>${withUnit(digits(row.median, theory.value === 0 ? 2 : MEDIAN_DIGITS), unit)}</td><td>${sigmaText(row.spread, row)}</td><td>${sigmaText(row.sigma, row)}</td><td>${commonSigma === 0 ? '-' : sigmaText(commonSigma, row)}</td><td>${withUnit(theoryText, unit)}</td><td>${ratio === null || !Number.isFinite(ratio.value) ? '-' : numberWithSigma(ratio.value, ratio.sigma)}</td><td class="basis">${theory.basis} [${theory.provenance}]</td></tr>
`;
}

const MEDIAN_DIGITS = 5;
