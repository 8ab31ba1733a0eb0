import { errorKinds, FnloopError } from '../core/errors.ts';
import { assertNothingRefused } from '../influx/shipping-state.ts';
import { closingRows } from '../report/summary-rows.ts';
import { writeReport } from '../report/write-report.ts';
import { RunReader } from '../store/run-reader.ts';
import { type RunSummary, summarize } from '../store/summary.ts';
import { hasHostState } from '../training/resume-point.ts';
import { hasHistory, parseAddress } from '../transport/address.ts';
import { interruption } from './interruption.ts';
import type { Output } from './output.ts';
import { type ShippingChoices, shippedOf, shippingRows } from './shipping.ts';
import { listing } from './table.ts';

/** A training run that has ended, and where it is recorded. */
export interface TrainedRun {
  readonly runId: string;
  readonly folder: string;
  readonly status: 'finished' | 'interrupted';
  /** Its report was drawn by whoever did it. */
  readonly hasReport?: boolean;
}

/** Draws the report of a run that has ended, prints its result, and throws where that is not as it should be. */
export async function conclude(
  { runId, folder, status, hasReport = false }: TrainedRun,
  shipping: ShippingChoices,
  output: Output,
): Promise<void> {
  const { manifest, summary, resuming } = await RunReader.with(folder, async (run) => ({
    manifest: run.manifest,
    summary: hasReport ? await summarize(run) : (await writeReport(run)).summary,
    resuming: await resumingSentence(run),
  }));
  const influx = await shippedOf(folder, shipping);
  output.result(
    influx === undefined ? summary : { ...summary, influx },
    () =>
      `${listing([...closingRows(summary), ...shippingRows(influx, runId)])}\nfile    ${summary.file}\nreport  ${summary.report}\nfigures ${summary.figuresFolder}`,
  );
  assertAboveBounds(summary);
  if (influx !== undefined) assertNothingRefused(influx, runId);
  if (status === 'interrupted') throw interruption(manifest, `Run ${runId} was interrupted.${resuming}`);
}

/** Throws `below-bound` for energies that cannot be. */
export function assertAboveBounds({ runId, faults }: Pick<RunSummary, 'runId' | 'faults'>): void {
  if (faults.length === 0) return;
  throw new FnloopError('below-bound', `Run ${runId} measured energies below their lower bounds.`, {
    problems: faults,
  });
}

/** What ended a run early, and where it was the board's end, how to go on once that is back. */
export async function withResuming(failure: unknown, folder: string): Promise<unknown> {
  if (!(failure instanceof FnloopError) || !endedByLink(failure)) return failure;
  const resuming = await RunReader.with(folder, resumingSentence).catch(() => '');
  const { code, message, problems } = failure;
  return new FnloopError(code, `${message}${resuming}`, { problems, cause: failure });
}

const endedByLink = ({ code }: FnloopError): boolean =>
  code === 'outcome-unknown' ||
  code === 'brought-to-rest' ||
  errorKinds[code].exitCode === errorKinds['link-lost'].exitCode;

async function resumingSentence(run: RunReader): Promise<string> {
  const { runId, board } = run.manifest;
  const canBe = hasHistory(parseAddress(board.address)) && (await hasHostState(run));
  return canBe ? ` Go on with it: fnloop runs resume ${runId}` : '';
}
