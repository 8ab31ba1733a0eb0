import { html } from 'hono/html';
import type { Device } from '../../../calibration/devices.ts';
import { type Verdict, verdicts } from '../../../calibration/fit/verdict.ts';
import { nodeName } from '../../board/nodes.ts';
import type { Calibration } from '../../chip/calibration.ts';
import type { Figure } from '../drawing.ts';
import { type Banner, figureSection, type Html, MOCK_DATA, pageShell, rowTable } from '../shell.ts';
import { givenRows, measurementRows, verdictCounts } from './calibration-rows.ts';
import { type Comparison, comparisons } from './comparison.ts';
import { comparisonTable, digits } from './comparison-table.ts';

/** The whole page of a calibration as one HTML document. */
export function calibrationPage(
  calibration: Calibration,
  device: Device,
  figures: readonly Figure[],
): Promise<string> {
  const { board, nodes } = calibration;
  const rows = comparisons(calibration, device);
  const good = nodes.filter(({ verdict }) => verdict === 'good').length;
  return pageShell({
    title: `Calibration of ${board.boardId}`,
    banners: bannersOf(calibration, good),
    heading: headline(good, nodes.length, rows),
    under: `Calibration of board ${board.boardId}`,
    body: html`<section><h2>Measurement</h2>
${rowTable(measurementRows(calibration))}
</section>
<section><h2>Against theory</h2>
${comparisonTable(rows)}
${COMPARISON}
</section>
<section><h2>Given, not measured</h2>
<p>A voltage read-out cannot determine these; they are taken from the configuration with their tolerance (1 σ).</p>
${rowTable(givenRows(calibration, device))}
</section>
${maskedSection(calibration)}
${figureSection(figures)}
${pointsSection(calibration)}`,
  });
}

function headline(good: number, all: number, [k2, k1]: readonly Comparison[]): string {
  const share = `${good} of ${all} nodes are good`;
  if (good === 0 || k2 === undefined || k1 === undefined) return `${share}.`;
  const beside = ({ name, median, unit, ratio }: Comparison) =>
    `${name} = ${digits(median, 4)} ${unit} (${(ratio?.value ?? Number.NaN).toFixed(3)} of theory)`;
  return `${share}; median ${beside(k2)}, ${beside(k1)}.`;
}

function bannersOf(calibration: Calibration, good: number): Banner[] {
  const masked = calibration.nodes.length - good;
  return [
    ...(calibration.board.source === 'mock' ? [{ text: MOCK_DATA }] : []),
    ...(masked === 0
      ? []
      : [
          {
            text: `${masked} of ${calibration.nodes.length} nodes are masked; no weight is placed on their cells: ${verdictCounts(
              calibration,
            )
              .filter(([verdict]) => verdict !== 'good')
              .map(([verdict, count]) => `${count} ${verdict}`)
              .join(', ')}.`,
          },
        ]),
  ];
}

const COMPARISON = html`<p>Parameters are those at 300 K of nodes whose verdict is good. <em>Spread</em> is over the nodes (1 σ, by absolute deviations from the median);
<em>σ of a node</em> is what noise and priors leave of one fit (median over the nodes), <em>common σ</em> what an error of read gain and DAC gain would move in all nodes
alike. <em>Ratio</em> is median over theory; <em>not measured</em> means that the record told next to nothing of the quantity, so that its prior stands there. k1 and k2 of one node are strongly correlated: together they tell the rate much better than k1 alone. Theory is Fowler and Nordheim's law [published] with the
oxide's data; its σ is that of thickness, area and C<sub>T</sub>.</p>`;

/** From this many on, masked nodes are folded away. */
const MANY_MASKED = 24;

function maskedSection(calibration: Calibration): Html {
  const masked = calibration.nodes.filter(({ verdict }) => verdict !== 'good');
  const table = html`<div class="wide"><table><thead><tr><th>node</th><th>verdict</th><th>reason</th></tr></thead><tbody>
${masked.map(({ node, verdict, reason }) => html`<tr><td>${nodeName(node)}</td><td>${verdict}</td><td>${reason ?? ''}</td></tr>\n`)}
</tbody></table></div>`;
  const folded =
    masked.length < MANY_MASKED
      ? table
      : html`<details><summary>${masked.length} masked nodes</summary>${table}</details>`;
  const counts = new Map(verdictCounts(calibration));
  const meanings = (Object.keys(verdicts) as Verdict[]).map((verdict): [string, string] => [
    verdict,
    `${verdicts[verdict]} ${counts.get(verdict) ?? 'None'} here.`,
  ]);
  return html`<section id="masked"><h2>Masked nodes</h2>
${masked.length === 0 ? html`<p>None.</p>` : folded}
<details${masked.length === 0 ? '' : html` open`}><summary>What the verdicts mean</summary>${rowTable(meanings)}</details>
</section>`;
}

function pointsSection({ measured }: Calibration): Html {
  return html`<section><h2>Raw points</h2>
<p>The calibration file holds them beside the fits: under <code>points</code>, for each node in order of time, how long each stage was (<code>durationUs</code>), the DAC code of the pulse that
was on (<code>dacCode</code>), the temperature (<code>temperatureK</code>) and the ADC code at its end (<code>code</code>). The whole record, with
every command and reading, is in <code>run.duckdb</code> of ${measured.runs.map((run, index) => html`${index === 0 ? '' : ', '}<code>${run}</code>`)}.</p>
</section>`;
}
