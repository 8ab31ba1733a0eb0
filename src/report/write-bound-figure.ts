import { assuming } from '../../calibration/bounds/assumptions.ts';
import type { BoundQuestion } from './bound-comparison.ts';
import { boundFigure } from './bound-figure.ts';
import type { MeasuredUpdate } from './bound-figure-data.ts';
import { drawAll } from './drawing.ts';
import type { Projection } from './projection.ts';
import { writePage } from './write-page.ts';

/** Draws energy against model size to an SVG file, with what the run's cells would take where one is projected. Throws `record-failed`. */
export async function writeBoundFigure(
  { training, given }: BoundQuestion,
  projection: Projection | null,
  path: string,
): Promise<void> {
  const chip = projection === null ? undefined : chipLine(projection);
  const [figure] = await drawAll([boundFigure(training, assuming(given), chip)]);
  writePage(path, `${figure?.svg ?? ''}\n`);
}

const chipLine = ({ source, lines: [{ name, perUpdateJ }] }: Projection): MeasuredUpdate => ({
  name: `this chip${source === 'mock' ? ' (mock)' : ''}, ${name}`,
  perUpdateJ,
});
