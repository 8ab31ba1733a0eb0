import { join } from 'node:path';
import type { ComparedRun } from '../../comparing/compared-run.ts';
import type { PolicyComparison } from '../../comparing/comparison.ts';
import type { Experiment } from '../../config/experiment.ts';
import { makeFolders } from '../../core/files.ts';
import { FIGURES_FOLDER } from '../../store/run-folder.ts';
import { MOCK_DATA } from '../shell.ts';
import { writeFigures } from '../write-figures.ts';
import { writePage } from '../write-page.ts';
import { drawComparison } from './comparison-figures.ts';
import { comparisonPage } from './comparison-page.ts';

export interface WrittenComparison {
  readonly id: string;
  readonly experiment: Experiment;
  readonly comparison: PolicyComparison;
  readonly runs: readonly ComparedRun[];
}

/** Writes page, figures and all numbers of a comparison into a folder of its own; returns where they are. Rejects with `record-failed`. */
export async function writeComparison(
  folder: string,
  { id, experiment, comparison, runs }: WrittenComparison,
): Promise<{ readonly report: string; readonly figures: string; readonly data: string }> {
  makeFolders(folder);
  const source = runs.some((run) => run.source === 'mock') ? 'mock' : 'board';
  const figures = await drawComparison(comparison, runs);
  const files = {
    report: join(folder, 'comparison.html'),
    figures: join(folder, FIGURES_FOLDER),
    data: join(folder, 'comparison.json'),
  };
  writeFigures(files.figures, figures, [`Comparison ${id}`, ...(source === 'mock' ? [MOCK_DATA] : [])]);
  writePage(files.data, `${JSON.stringify({ id, experiment, ...comparison, trainings: runs })}\n`);
  writePage(files.report, await comparisonPage({ id, source, experiment, comparison, figures }));
  return files;
}
