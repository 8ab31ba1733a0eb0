import { html } from 'hono/html';
import { stringify } from 'yaml';
import type { PolicyComparison } from '../../comparing/comparison.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Figure } from '../drawing.ts';
import { figureSection, type Html, MOCK_DATA, pageShell } from '../shell.ts';
import { ratioTable, resultTable, speedTable, type TextTable } from './comparison-tables.ts';
import { pulseText } from './interval-text.ts';
import { versusSentences } from './verdict.ts';

export interface ComparisonPage {
  readonly id: string;
  readonly source: 'board' | 'mock';
  readonly experiment: Experiment;
  readonly comparison: PolicyComparison;
  readonly figures: readonly Figure[];
}

/** A comparison of policies as one HTML document: no script, nothing loaded from elsewhere. */
export function comparisonPage({
  id,
  source,
  experiment,
  comparison,
  figures,
}: ComparisonPage): Promise<string> {
  const { policies, variants, targets } = comparison;
  return pageShell({
    title: `${experiment.task.name}: ${policies.map(({ policy }) => policy).join(', ')}`,
    banners: source === 'mock' ? [{ text: MOCK_DATA }] : [],
    heading: `${experiment.task.name} under ${policies.length} policies, ${targets.length} seeds`,
    under: `Comparison ${id}`,
    body: html`<section><h2>Result</h2>
${drawn(resultTable(comparison))}
${versusSentences(comparison).map((sentence) => html`<p>${sentence}</p>`)}
<p>Energies are those of the cells, full-cycle, tunneling and free drift; read-out and board are not in them. Means over seeds are geometric, but that of the accuracy; intervals are 95 %:
Student's t over the seeds, and what the measurement may be off by in all of them. Policies are compared seed by seed, on chips and data of the same seed.</p></section>
<section><h2>Energy over its bounds</h2>
${drawn(ratioTable(comparison))}</section>
${variants.length === 0 ? '' : speedSection(comparison)}
${figureSection(figures)}
<section><h2>Origin of the numbers</h2>
<table><tr><th scope="row">runs</th><td>${[...policies, ...variants].map(({ policy, pulse, runs }) => html`${policy}, ${pulseText(pulse)}: ${runs.join(', ')}<br>`)}</td></tr></table>
<details><summary>Experiment</summary><pre>${stringify(experiment)}</pre></details></section>`,
  });
}

const drawn = ({ head, rows }: TextTable): Html =>
  html`<div class="wide"><table><thead><tr>${head.map(
    (text) => html`<th scope="col">${text}</th>`,
  )}</tr></thead>${rows.map(
    ([name = '', ...cells]) =>
      html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</table></div>`;

const speedSection = (comparison: PolicyComparison): Html => html`<section><h2>Energy against speed</h2>
${drawn(speedTable(comparison))}
<p>Shorter pulses of a higher amplitude that move a fresh cell as far: faster, and dearer, since the drive costs the square of the amplitude.</p></section>`;
