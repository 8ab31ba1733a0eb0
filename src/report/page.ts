import { html } from 'hono/html';
import { stringify } from 'yaml';
import { percent, plain, quantity } from '../core/format.ts';
import type { Manifest } from '../store/manifest.ts';
import type { RunSummary } from '../store/summary.ts';
import type { Figure } from './drawing.ts';
import { figureSection, MOCK_DATA, pageShell, rowTable } from './shell.ts';
import { summaryRows } from './summary-rows.ts';
import { waterfallSection } from './waterfall-section.ts';

/** The whole report as one HTML document: no script, nothing loaded from elsewhere. */
export async function reportPage(
  summary: RunSummary,
  manifest: Manifest,
  figures: readonly Figure[],
): Promise<string> {
  const { accuracy, energyFJ, task } = summary;
  const title = `${task}: ${percent(accuracy.test)} test accuracy, ${quantity(energyFJ['full-cycle'].mean, 'fJ')} per update`;
  return pageShell({
    title: summary.runId,
    banners: [
      ...(summary.source === 'mock' ? [{ text: MOCK_DATA }] : []),
      ...(summary.status === 'finished'
        ? []
        : [
            {
              text: `This run is ${summary.status}${manifest.failure ? `: ${manifest.failure}` : ''}. The numbers cover what was recorded.`,
            },
          ]),
      ...summary.faults.map((fault) => ({ text: `Fault of the measurement: ${fault}.`, isFault: true })),
    ],
    heading: title,
    under: `Run ${summary.runId}`,
    body: html`<section><h2>Result</h2>
${rowTable(summaryRows(summary))}
${METHOD}
</section>
${waterfallSection(summary)}
${figureSection(figures)}
${originSection(manifest)}`,
  });
}

const METHOD = html`<p>Energies are estimates from converter codes and device parameters, never metered. <em>full-cycle</em> is what an ideal driver
dissipates per pulse, C<sub>C</sub>(1 − η)V<sub>p</sub>²; <em>half-cv2</em> is ½C<sub>C</sub>V<sub>p</sub>²; <em>tunneling</em> is the
charge that crossed the oxide times its voltage, free decay while the pulse is on included. Sigmas are 1 σ of the mean, correlated parts kept.
The bounds are derived by this project and are alternatives: <em>landauer</em> rewrites all bits of a weight, <em>static</em> writes over a barrier that lasts, <em>finite-rate</em> tilts
the barrier that the update found, <em>matched</em> follows a barrier that rises from update to update so that its rate falls as 1/n, <em>recycled</em> gets the barrier's energy back, <em>precision</em> resolves the electrons
that crossed.</p>`;

function originSection({ software, board, device, experiment, source }: Manifest) {
  const { nodeCapacitanceFF, couplingFF, tunneling } = device;
  const { identity } = board;
  return html`<section><h2>Origin of the numbers</h2>
<table>
<tr><th scope="row">source</th><td>${source}: board ${identity.boardId}, firmware ${identity.firmware}, ${identity.clock} time, at ${board.address}</td></tr>
<tr><th scope="row">array</th><td>${identity.rows} × ${identity.columns} cells</td></tr>
<tr><th scope="row">device ${device.name}</th><td>k1 = ${plain(tunneling.k1PerS)} 1/s, k2 = ${plain(tunneling.k2V)} V, C_T = ${nodeCapacitanceFF.value} fF ± ${percent(nodeCapacitanceFF.commonRel)}, C_C = ${couplingFF.value} fF ± ${percent(couplingFF.commonRel)} [${couplingFF.provenance}]</td></tr>
<tr><th scope="row">software</th><td>fnloop ${software.version}, commit ${software.commit ?? 'unknown'}, Node ${software.node}</td></tr>
</table>
<details><summary>Experiment as run</summary><pre>${stringify(experiment)}</pre></details>
</section>`;
}
