import { html, raw } from 'hono/html';
import type { Figure } from './drawing.ts';

/** A piece of a page: what the `html` tag gives. */
export type Html = ReturnType<typeof html>;

export interface Banner {
  readonly text: string;
  /** The numbers below it cannot be trusted. */
  readonly isFault?: boolean;
}

export interface PageParts {
  /** Of the window. */
  readonly title: string;
  readonly banners: readonly Banner[];
  readonly heading: string;
  /** A line under the heading. */
  readonly under: string;
  readonly body: Html;
}

export const MOCK_DATA = 'Mock data: these numbers come from a simulated board, not from a chip.';

/** A whole HTML document: no script, nothing loaded from elsewhere. */
export async function pageShell({ title, banners, heading, under, body }: PageParts): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${banners.map(banner)}
<header><h1>${heading}</h1><p>${under}</p></header>
${body}
</body>
</html>
`;
  return String(page);
}

const banner = ({ text, isFault = false }: Banner): Html =>
  isFault
    ? html`<p class="banner fault" role="alert">${text}</p>`
    : html`<p class="banner" role="note">${text}</p>`;

export const figureSection = (figures: readonly Figure[]): Html => html`<section class="figures">
${figures.map(
  ({ id, title, caption, svg }) =>
    html`<figure id="${id}"><h2>${title}</h2>${raw(svg)}<figcaption>${caption}</figcaption></figure>`,
)}
</section>`;

/** Names and what they are, one a line. */
export const rowTable = (rows: readonly (readonly [name: string, value: string])[]): Html =>
  html`<table>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table>`;

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.6rem; margin: 0.8rem 0 0; } h2 { font-size: 1.05rem; margin: 1.6rem 0 0.4rem; }
header p { margin: 0; color: #555; font-family: ui-monospace, monospace; }
.banner { background: #fff3cd; border-left: 5px solid #b58100; padding: 0.6rem 1rem; margin: 0 0 0.6rem; font-weight: 600; }
.fault { background: #fde2dd; border-color: #b3261e; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(34rem, 100%), 1fr)); gap: 0.5rem 2rem; align-items: start; grid-auto-flow: dense; }
figure { margin: 0; } figure:has(svg ~ svg) { grid-column: 1 / -1; } figure svg { max-width: 100%; height: auto; } figcaption { color: #555; font-size: 0.9rem; max-width: 34rem; }
table { border-collapse: collapse; } th, td { text-align: left; font-weight: normal; padding: 0.2rem 1.4rem 0.2rem 0; border-bottom: 1px solid #e4e4e4; vertical-align: top; }
.subtotal th, .subtotal td { font-weight: 600; border-bottom-color: #999; } .wide { overflow-x: auto; } thead th { color: #555; border-bottom-color: #999; } .theory th, .theory td { white-space: nowrap; padding-right: 1rem; } .theory .basis { white-space: normal; min-width: 9rem; } .theory th[scope=row] { white-space: normal; }
th[scope=row] { color: #555; } td { font-variant-numeric: tabular-nums; } pre { background: #f6f6f6; padding: 1rem; overflow: auto; }
`;
