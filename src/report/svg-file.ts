import type { Figure } from './drawing.ts';

const PADDING_PX = 16;
const TITLE_PX = 26;
const LINE_PX = 17;
/** For the lines under the title. */
const LEAST_WIDTH_PX = 470;

/** A figure that stands alone: on white, under its title and lines that say where its numbers are from. */
export function svgFile({ title, svg }: Pick<Figure, 'title' | 'svg'>, origin: readonly string[]): string {
  const [, drawnWidth = '0', drawnHeight = '0'] =
    /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const headPx = TITLE_PX + origin.length * LINE_PX + 12;
  const width = Math.ceil(Math.max(Number(drawnWidth), LEAST_WIDTH_PX)) + 2 * PADDING_PX;
  const height = Math.ceil(Number(drawnHeight)) + headPx + PADDING_PX;
  const placed = svg.replace('<svg', `<svg x="${PADDING_PX}" y="${headPx}"`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" fill="white"/>
<g font-family="system-ui, sans-serif"><text x="${PADDING_PX}" y="24" font-size="16" font-weight="600" fill="#1b1b1b">${escaped(title)}</text>${origin
    .map(
      (line, index) => `
<text x="${PADDING_PX}" y="${TITLE_PX + (index + 1) * LINE_PX}" font-size="12" fill="#555">${escaped(line)}</text>`,
    )
    .join('')}</g>
${placed}
</svg>
`;
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
