import type { RunReader } from '../store/run-reader.ts';
import { type RunSummary, summarize } from '../store/summary.ts';
import { readFigureData } from './figure-data.ts';
import { drawFigures } from './figures.ts';
import { reportPage } from './page.ts';
import { writePage } from './write-page.ts';

/** Writes the report of a run beside its file and returns the run's summary. Rejects with `record-failed`. */
export async function writeReport(run: RunReader): Promise<RunSummary> {
  const summary = await summarize(run);
  writePage(
    summary.report,
    await reportPage(summary, run.manifest, await drawFigures(await readFigureData(run))),
  );
  return summary;
}
