import { writeFileSync } from 'node:fs';
import { FnloopError, messageOf } from '../core/errors.ts';
import type { RunReader } from '../store/run-reader.ts';
import { type RunSummary, summarize } from '../store/summary.ts';
import { readFigureData } from './figure-data.ts';
import { drawFigures } from './figures.ts';
import { reportPage } from './page.ts';

/** Writes the report of a run beside its file and returns the run's summary. Rejects with `record-failed`. */
export async function writeReport(run: RunReader): Promise<RunSummary> {
  const summary = await summarize(run);
  const page = await reportPage(summary, run.manifest, await drawFigures(await readFigureData(run)));
  try {
    writeFileSync(summary.report, page);
  } catch (cause) {
    throw new FnloopError(
      'record-failed',
      `Cannot write the report ${summary.report}: ${messageOf(cause)}.`,
      { cause },
    );
  }
  return summary;
}
