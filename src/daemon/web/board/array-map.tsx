import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../../core/errors.ts';
import type { BoardStatus, CellStatus } from '../../lab.ts';
import { routes } from '../../routes/index.ts';
import { CardHeading } from '../shell/card-heading.tsx';
import { useIsPresent, usePage } from '../shell/page-context.ts';
import { isDark } from '../shell/theme.tsx';
import { drawCells, type MapGrid } from './cell-canvas.ts';
import { type CellQuantity, cellQuantities, colorOf, scaleOf } from './cell-colors.ts';

type QuantityName = keyof typeof cellQuantities;

const ASK_EVERY_MS = 1_000;

/** The array of a board as a map: pointer or arrow keys tell of one cell. */
export function ArrayMap({ board }: { readonly board: BoardStatus }) {
  const [name, setName] = useState<QuantityName>('weight');
  const { cells, problem } = useCells(board);
  const quantity: CellQuantity = cellQuantities[name];
  const { identity } = board;
  return (
    <section class="card" aria-labelledby="array-heading">
      <CardHeading id="array-heading">Array</CardHeading>
      <label class="inline">
        Show
        <select value={name} onChange={({ currentTarget }) => setName(currentTarget.value as QuantityName)}>
          {Object.entries(cellQuantities).map(([key, { label }]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {identity === null || cells.length === 0 ? (
        <p class="empty">{problem ?? 'No cell has been read yet.'}</p>
      ) : (
        <CellMap
          cells={cells}
          quantity={quantity}
          grid={{ rows: identity.rows, columns: identity.columns }}
        />
      )}
    </section>
  );
}

/** Asked for once a second while a run goes on, else when the board is ready again; what was read last stays. */
function useCells({ name, state }: BoardStatus): {
  readonly cells: readonly CellStatus[];
  readonly problem: string | null;
} {
  const page = usePage();
  const [cells, setCells] = useState<readonly CellStatus[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const isPresent = useIsPresent();
  useEffect(() => {
    if (!isPresent || (state !== 'ready' && state !== 'running')) return undefined;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const found = await page.client.ask(routes.boardCells, { params: { board: name } });
        if (isOver) return;
        setCells(found);
        setProblem(null);
      } catch (error) {
        if (!isOver) setProblem(messageOf(error));
      }
      if (!isOver && state === 'running') timer = setTimeout(ask, ASK_EVERY_MS);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [page, name, state, isPresent]);
  return { cells, problem };
}

interface MapParts {
  readonly cells: readonly CellStatus[];
  readonly quantity: CellQuantity;
  readonly grid: MapGrid;
}

function CellMap({ cells, quantity, grid }: MapParts) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [at, setAt] = useState(0);
  const dark = isDark();
  const scale = scaleOf(quantity, cells);
  // Colors of the theme are looked up while drawing.
  useEffect(() => {
    if (canvas.current !== null) drawCells(canvas.current, cells, quantity, grid, at);
  }, [cells, quantity, grid.rows, grid.columns, at, dark]);
  const bad = cells.filter(({ fault }) => fault !== null);
  const shown = cells.find(({ cell }) => cell === at);
  return (
    <>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: arrow keys mean cells here, not pages */}
      <canvas
        ref={canvas}
        class="cells"
        tabIndex={0}
        role="application"
        aria-label={`Map of the array by ${quantity.label}, ${grid.rows} rows of ${grid.columns} cells; arrow keys move`}
        aria-describedby="cell-shown"
        onPointerMove={(event) => setAt(cellUnder(event, grid))}
        onKeyDown={(event) => {
          const next = moved(at, event.key, grid);
          if (next === undefined) return;
          event.preventDefault();
          setAt(next);
        }}
      />
      <ScaleBar quantity={quantity} scale={scale} />
      <p id="cell-shown" class="cell-shown" role="status">
        {cellText(at, shown, grid)}
      </p>
      <p>
        {bad.length === 0
          ? 'No cell is known to be bad.'
          : `${bad.length} bad: ${bad
              .slice(0, 20)
              .map(({ cell, fault }) => `cell ${cell} (${fault})`)
              .join(', ')}${bad.length > 20 ? ' and more' : ''}.`}
      </p>
    </>
  );
}

function ScaleBar({
  quantity,
  scale,
}: {
  readonly quantity: CellQuantity;
  readonly scale: readonly [number, number];
}) {
  const [low, high] = scale;
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    colorOf(low + share * (high - low), scale, quantity.isSigned === true),
  );
  return (
    <p class="scale">
      {quantity.format(low)}
      <span
        aria-hidden="true"
        style={{ backgroundImage: `linear-gradient(to right, ${steps.join(', ')})` }}
      />
      {quantity.format(high)}
    </p>
  );
}

function cellText(at: number, cell: CellStatus | undefined, { columns }: MapGrid): string {
  const where = `Cell ${at}, row ${Math.floor(at / columns)}, column ${at % columns}`;
  if (cell === undefined) return `${where}: not read.`;
  const values = Object.values<CellQuantity>(cellQuantities).map(({ label, of, format }) => {
    const value = of(cell);
    return `${label} ${value === null ? 'without a limit' : format(value)}`;
  });
  return `${where}: ${[...values, ...(cell.fault === null ? [] : [`bad: ${cell.fault}`])].join(', ')}.`;
}

function cellUnder({ offsetX, offsetY, currentTarget }: PointerEvent, { rows, columns }: MapGrid): number {
  const { clientWidth, clientHeight } = currentTarget as HTMLCanvasElement;
  const row = Math.min(rows - 1, Math.max(0, Math.floor((offsetY / clientHeight) * rows)));
  const column = Math.min(columns - 1, Math.max(0, Math.floor((offsetX / clientWidth) * columns)));
  return row * columns + column;
}

/** Undefined for keys that do not move. */
function moved(at: number, key: string, { rows, columns }: MapGrid): number | undefined {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (by === undefined) return undefined;
  return Math.min(rows * columns - 1, Math.max(0, at + by));
}
