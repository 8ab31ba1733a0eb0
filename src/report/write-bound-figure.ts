import { assuming } from '../../calibration/bounds/assumptions.ts';
import type { BoundQuestion } from './bound-comparison.ts';
import { boundFigure } from './bound-figure.ts';
import { drawAll } from './drawing.ts';
import { writePage } from './write-page.ts';

/** Draws energy against model size to an SVG file. Throws `record-failed`. */
export async function writeBoundFigure({ training, given }: BoundQuestion, path: string): Promise<void> {
  const [figure] = await drawAll([boundFigure(training, assuming(given))]);
  writePage(path, `${figure?.svg ?? ''}\n`);
}
