import { html } from 'hono/html';
import { percent, quantity, withSigma } from '../core/format.ts';
import type { RunSummary } from '../store/summary.ts';
import type { Html } from './shell.ts';
import { waterfallRows } from './waterfall-rows.ts';

/** The gap between bound and measurement as a table; nothing where there were no updates. */
export function waterfallSection({ waterfall, updates }: RunSummary): Html | '' {
  if (updates === 0) return '';
  const { cells, board, unknownSteps } = waterfall;
  const share = (totalFJ: number, part: string) =>
    part === 'reads' || part === 'total' ? '' : percent(totalFJ / cells.total);
  return html`<section><h2>From the bound to what was measured</h2>
<table><thead><tr><th scope="col">part</th><th scope="col">per update</th><th scope="col">in all</th><th scope="col">of the cells</th><th scope="col">what it is</th></tr></thead>
${waterfallRows(waterfall).map(
  ({ part, meaning, isSubtotal, perUpdateFJ, totalFJ }) =>
    html`<tr${isSubtotal ? html` class="subtotal"` : ''}><th scope="row">${part}</th><td>${
      part === 'cells in all' ? withSigma(cells.mean, cells.sigma, 'fJ') : quantity(perUpdateFJ, 'fJ')
    }</td><td>${quantity(totalFJ, 'fJ')}</td><td>${share(totalFJ, part)}</td><td>${meaning}</td></tr>`,
)}
</table>
<p>Parts add up to the subtotal under them; a negative part is one that the measurement says. Full-cycle and tunneling of a node share capacitances and gains,
so the parts of their sigmas are added linearly; free drift has none of its own, because what a wrong rate adds to it, it takes from tunneling, whose sigma has it.${
    board === null
      ? ''
      : ` The board took ${quantity(board.totalFJ, 'fJ')} besides, ${quantity(board.perUpdateFJ, 'fJ')} per update: beside the total, not in it. Read-out and board are counted with assumed powers.`
  }${unknownSteps === 0 ? '' : ` What read-out and board took in ${unknownSteps} steps is not known and not counted.`}</p>
</section>`;
}
