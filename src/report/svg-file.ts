import type { Figure } from './drawing.ts';

const PADDING_PX = 16;
const HEAD_PX = 54;

/** A figure that stands alone: on white, under its title and a line that says where its numbers are from. */
export function svgFile({ title, svg }: Pick<Figure, 'title' | 'svg'>, origin: string): string {
  const [, drawnWidth = '0', drawnHeight = '0'] =
    /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  // Text has no measured width here; a character of the origin takes about 6.4 px.
  const width = Math.ceil(Math.max(Number(drawnWidth), origin.length * 6.4)) + 2 * PADDING_PX;
  const height = Math.ceil(Number(drawnHeight)) + HEAD_PX + PADDING_PX;
  const placed = svg.replace('<svg', `<svg x="${PADDING_PX}" y="${HEAD_PX}"`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" fill="white"/>
<g font-family="system-ui, sans-serif"><text x="${PADDING_PX}" y="24" font-size="16" font-weight="600" fill="#1b1b1b">${escaped(title)}</text>
<text x="${PADDING_PX}" y="43" font-size="12" fill="#555">${escaped(origin)}</text></g>
${placed}
</svg>
`;
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
