import { html, raw } from 'hono/html';
import { stringify } from 'yaml';
import { percent, plain, quantity } from '../core/format.ts';
import type { Manifest } from '../store/manifest.ts';
import type { RunSummary } from '../store/summary.ts';
import type { Figure } from './figures.ts';
import { summaryRows } from './summary-rows.ts';

/** The whole report as one HTML document: no script, nothing loaded from elsewhere. */
export async function reportPage(
  summary: RunSummary,
  manifest: Manifest,
  figures: readonly Figure[],
): Promise<string> {
  const { accuracy, energyFJ, task } = summary;
  const title = `${task}: ${percent(accuracy.test)} test accuracy, ${quantity(energyFJ['full-cycle'].mean, 'fJ')} per update`;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary.runId}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${summary.source === 'mock' ? html`<p class="banner" role="note">Mock data: these numbers come from a simulated board, not from a chip.</p>` : ''}
${summary.status === 'finished' ? '' : html`<p class="banner" role="note">This run is ${summary.status}${manifest.failure ? html`: ${manifest.failure}` : ''}. The numbers cover what was recorded.</p>`}
${summary.faults.map((fault) => html`<p class="banner fault" role="alert">Fault of the measurement: ${fault}.</p>`)}
<header><h1>${title}</h1><p>Run ${summary.runId}</p></header>
<section><h2>Result</h2>
<table>${summaryRows(summary).map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>
${METHOD}
</section>
<section class="figures">
${figures.map(
  ({ id, title: heading, caption, svg }) =>
    html`<figure id="${id}"><h2>${heading}</h2>${raw(svg)}<figcaption>${caption}</figcaption></figure>`,
)}
</section>
${originSection(manifest)}
</body>
</html>
`;
  return String(page);
}

const METHOD = html`<p>Energies are estimates from converter codes and device parameters, never metered. <em>full-cycle</em> is what an ideal driver
dissipates per pulse, C<sub>C</sub>(1 − η)V<sub>p</sub>²; <em>half-cv2</em> is ½C<sub>C</sub>V<sub>p</sub>²; <em>tunneling</em> is the
charge that crossed the oxide times its voltage, free decay while the pulse is on included. Sigmas are 1 σ of the mean, correlated parts kept.
The bounds are derived by this project: <em>landauer</em> rewrites all bits of a weight, <em>matched</em> follows a barrier that rises from update to update so that its rate falls as 1/n.</p>`;

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

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.6rem; margin: 0.8rem 0 0; } h2 { font-size: 1.05rem; margin: 1.6rem 0 0.4rem; }
header p { margin: 0; color: #555; font-family: ui-monospace, monospace; }
.banner { background: #fff3cd; border-left: 5px solid #b58100; padding: 0.6rem 1rem; margin: 0 0 0.6rem; font-weight: 600; }
.fault { background: #fde2dd; border-color: #b3261e; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(34rem, 100%), 1fr)); gap: 0.5rem 2rem; align-items: start; }
figure { margin: 0; } figure svg { max-width: 100%; height: auto; } figcaption { color: #555; font-size: 0.9rem; max-width: 34rem; }
table { border-collapse: collapse; } th, td { text-align: left; font-weight: normal; padding: 0.2rem 1.4rem 0.2rem 0; border-bottom: 1px solid #e4e4e4; vertical-align: top; }
th[scope=row] { color: #555; } td { font-variant-numeric: tabular-nums; } pre { background: #f6f6f6; padding: 1rem; overflow: auto; }
`;
