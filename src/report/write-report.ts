import type { RunReader } from '../store/run-reader.ts';
import { type RunSummary, summarize } from '../store/summary.ts';
import { readFigureData } from './figure-data.ts';
import { drawFigures } from './figures.ts';
import { reportPage } from './page.ts';
import { MOCK_DATA } from './shell.ts';
import { writeFigures } from './write-figures.ts';
import { writePage } from './write-page.ts';

/** A report that was written: the run's summary, and the files of its figures. */
export interface WrittenReport {
  readonly summary: RunSummary;
  readonly figureFiles: readonly string[];
}

/** Writes the report of a run beside its file, and its figures as files of their own. Rejects with `record-failed`. */
export async function writeReport(run: RunReader): Promise<WrittenReport> {
  const summary = await summarize(run);
  const figures = await drawFigures(await readFigureData(run));
  writePage(summary.report, await reportPage(summary, run.manifest, figures));
  return { summary, figureFiles: writeFigures(summary.figuresFolder, figures, originOf(summary)) };
}

const originOf = ({ runId, source }: RunSummary): string[] => [
  `Run ${runId}`,
  ...(source === 'mock' ? [MOCK_DATA] : []),
];
