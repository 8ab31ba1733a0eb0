import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { FnloopError } from '../../core/errors.ts';
import type { Job } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import { API_PATH } from '../../daemon/routes/route.ts';
import { closingRows } from '../../report/summary-rows.ts';
import { REPORT_FILE, RUN_FILE } from '../../store/run-folder.ts';
import { assertAboveBounds, conclude } from '../conclude-run.ts';
import type { Output } from '../output.ts';
import type { ShippingChoices } from '../shipping.ts';
import { listing } from '../table.ts';
import type { Holder } from './board-holder.ts';

/**
 * Prints the result of a job's run as `conclude` does, from its file where that is found here, else as the daemon has it. Throws what
 * ended it early, as a run of this process would.
 */
export async function concludeJob(
  { id, state, reason, code, runId }: Job,
  holder: Holder,
  { runs, ...shipping }: ShippingChoices & { readonly runs: string },
  output: Output,
): Promise<void> {
  if (state === 'failed' || state === 'interrupted') {
    const goOn = state === 'interrupted' ? ` Go on with it: fnloop queue resume ${id}` : '';
    const run = runId === null ? '' : `, run ${runId}`;
    throw new FnloopError(code ?? 'interrupted', `Job ${id}${run}: ${reason ?? state}${goOn}`);
  }
  if (runId === null)
    throw new FnloopError('interrupted', `Job ${id} was taken off the queue before it began.`);
  const status = state === 'finished' ? 'finished' : 'interrupted';
  const folder = join(runs, runId);
  if (isReadable(join(folder, RUN_FILE))) {
    const hasReport = existsSync(join(folder, REPORT_FILE));
    await conclude({ runId, folder, status, hasReport }, shipping, output);
  } else await concludeElsewhere(runId, status, holder, output);
}

/** The daemon may be on another machine, have another folder of runs, or keep its files to itself. */
function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

async function concludeElsewhere(
  runId: string,
  status: 'finished' | 'interrupted',
  { daemon }: Holder,
  output: Output,
): Promise<void> {
  const run = await daemon.ask(routes.oneRun, { params: { run: runId } });
  const url = `${daemon.url}${API_PATH}/runs/${runId}`;
  output.result({ ...run, url }, () => `${listing(closingRows(run))}\nrun     ${url}\nreport  ${url}/report`);
  assertAboveBounds(run);
  if (status === 'interrupted') throw new FnloopError('interrupted', `Run ${runId} was interrupted.`);
}
