import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FnloopError, messageOf } from '../core/errors.ts';
import type { Figure } from './drawing.ts';
import { svgFile } from './svg-file.ts';
import { writePage } from './write-page.ts';

/** Writes each figure to `folder` as an SVG file of its own and returns their paths. Throws `record-failed`. */
export function writeFigures(
  folder: string,
  figures: readonly Figure[],
  origin: readonly string[],
): string[] {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new FnloopError('record-failed', `Cannot write the figures to ${folder}: ${messageOf(cause)}.`, {
      cause,
    });
  }
  return figures.map((figure) => {
    const path = join(folder, `${figure.id}.svg`);
    writePage(path, svgFile(figure, origin));
    return path;
  });
}
