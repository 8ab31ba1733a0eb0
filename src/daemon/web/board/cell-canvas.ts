import type { CellStatus } from '../../lab.ts';
import { resolvedColor } from '../chart/resolve-color.ts';
import { type CellQuantity, colorOf, scaleOf } from './cell-colors.ts';

export interface MapGrid {
  readonly rows: number;
  readonly columns: number;
}

const LEAST_CELL_PX = 3;
const MOST_CELL_PX = 36;
const WIDTH_PX = 520;

/** Draws every cell in its color, a cross over bad ones, a frame around the one that is told of. */
export function drawCells(
  canvas: HTMLCanvasElement,
  cells: readonly CellStatus[],
  quantity: CellQuantity,
  { rows, columns }: MapGrid,
  at: number,
): void {
  const sizePx =
    Math.max(LEAST_CELL_PX, Math.min(MOST_CELL_PX, Math.floor(WIDTH_PX / columns))) * devicePixelRatio;
  canvas.width = columns * sizePx;
  canvas.height = rows * sizePx;
  canvas.style.width = `min(100%, ${canvas.width / devicePixelRatio}px)`;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const scale = scaleOf(quantity, cells);
  const gapPx = sizePx > 8 ? 1 : 0;
  const [none, mark] = [resolvedColor('--rule'), resolvedColor('--text')];
  context.fillStyle = none;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const cornerOf = (cell: number) =>
    [(cell % columns) * sizePx, Math.floor(cell / columns) * sizePx] as const;
  for (const cell of cells) {
    const value = quantity.of(cell);
    const [x, y] = cornerOf(cell.cell);
    if (value !== null) {
      context.fillStyle = colorOf(value, scale, quantity.isSigned === true);
      context.fillRect(x, y, sizePx - gapPx, sizePx - gapPx);
    }
    if (cell.fault !== null) cross(context, x, y, sizePx);
  }
  const [x, y] = cornerOf(at);
  context.strokeStyle = mark;
  context.lineWidth = Math.max(2, sizePx / 12);
  context.strokeRect(x + 1, y + 1, sizePx - 2, sizePx - 2);
}

/** Black on white: seen on any color. */
function cross(context: CanvasRenderingContext2D, x: number, y: number, sizePx: number): void {
  const inset = sizePx / 5;
  for (const [color, width] of [
    ['#fff', sizePx / 5],
    ['#000', sizePx / 12],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = Math.max(1, width);
    context.beginPath();
    context.moveTo(x + inset, y + inset);
    context.lineTo(x + sizePx - inset, y + sizePx - inset);
    context.moveTo(x + sizePx - inset, y + inset);
    context.lineTo(x + inset, y + sizePx - inset);
    context.stroke();
  }
}
