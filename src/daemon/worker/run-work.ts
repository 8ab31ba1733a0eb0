import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Board } from '../../board/board.ts';
import { assertCalibrates, openCalibration } from '../../chip/calibration-file.ts';
import { type CalibrationRecord, recordOf } from '../../chip/calibration-record.ts';
import type { Experiment } from '../../config/experiment.ts';
import { anyRandom } from '../../core/any-random.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { waitFor } from '../../core/waiting.ts';
import { readCredentials } from '../../influx/credentials.ts';
import { LiveShipping } from '../../influx/live-shipping.ts';
import { parseTarget } from '../../influx/target.ts';
import { openEndpoint } from '../../influx/write-endpoint.ts';
import { writeReport } from '../../report/write-report.ts';
import type { NodeUsage } from '../../scheduling/node-usage.ts';
import { RunFile } from '../../store/run-file.ts';
import { RUN_FILE } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';
import { type BoardHistory, noHistory, openHistory } from '../../training/board-history.ts';
import type { EpochPlan } from '../../training/epoch-plan.ts';
import { planOnBoard } from '../../training/plan-on-board.ts';
import { hasHistory, parseAddress } from '../../transport/address.ts';
import type { WorkerNews, WorkerSettings } from '../messages.ts';
import type { LiveRun } from './live-run.ts';

type Ended = 'finished' | 'interrupted';

/** What a run finds prepared. */
export interface Prepared {
  readonly runFile: RunFile;
  readonly past: NodeUsage;
  readonly calibration: CalibrationRecord | undefined;
}

export interface RunWorkParts {
  readonly settings: WorkerSettings;
  readonly board: Board;
  readonly clock: Clock;
  readonly tell: (news: WorkerNews) => void;
}

/** The board's past; a run that a dead process left open is settled with the board and charged first. */
export const historyOf = ({ settings, board, clock }: RunWorkParts): Promise<BoardHistory> =>
  hasHistory(parseAddress(settings.address))
    ? openHistory(settings.runs, board, clock)
    : Promise.resolve(noHistory);

/** What is known of the chip. Throws as `openCalibration`, and `calibration-invalid` where it is not of this board. */
export function chipKnown(
  file: string | undefined,
  { board, settings, clock }: RunWorkParts,
): CalibrationRecord | undefined {
  if (file === undefined) return undefined;
  const opened = openCalibration(file);
  assertCalibrates(opened, { board: board.identity, device: settings.device, wallNs: clock.wallNs() });
  return recordOf(opened);
}

/** Who ships the runs of a worker; undefined where the configuration names no database. */
function shippingOf({ settings: { influx }, clock, tell }: RunWorkParts): LiveShipping | undefined {
  if (influx === undefined) return undefined;
  const target = parseTarget(influx.url);
  return new LiveShipping({
    endpoint: openEndpoint(target, readCredentials(influx.credentials, process.env)),
    target: target.name,
    clock,
    random: anyRandom,
    wait: waitFor,
    onNews: (news) =>
      tell({
        kind: 'note',
        level: news.kind === 'flowing' ? 'info' : 'warn',
        text: `${target.name}: ${news.kind}${'reason' in news ? `, ${news.reason}` : ''}`,
      }),
  });
}

/** Does a run that is shipped where the configuration says so, and looks every so often how that stands. */
export function shipped(
  parts: RunWorkParts,
  live: LiveRun,
  everyMs: number,
  act: (shipping: LiveShipping | undefined) => Promise<Ended>,
): Promise<Ended> {
  const shipping = shippingOf(parts);
  const looking = setInterval(() => {
    shipping?.standing().then(
      (standing) => {
        if (standing !== undefined) live.backlogRows = standing.waiting;
      },
      () => {},
    );
  }, everyMs);
  return act(shipping).finally(() => clearInterval(looking));
}

/** Does a run in a file of its own, charged to the board however it ends. */
export async function recorded(
  parts: RunWorkParts,
  { runId, calibration }: { readonly runId: string; readonly calibration: Experiment['calibration'] },
  run: (prepared: Prepared) => Promise<Ended>,
  shipping: LiveShipping | undefined,
): Promise<Ended> {
  const history = await historyOf(parts);
  const known = chipKnown(calibration, parts);
  const folder = join(parts.settings.runs, runId);
  const runFile = await RunFile.create(folder, parts.clock);
  if (shipping !== undefined) await runFile.accompany(shipping);
  return history.charging(folder, () => run({ runFile, past: history.past, calibration: known }));
}

/** Draws the report of a run that has ended; one that cannot be drawn is told, and lost for nothing. */
export async function reported(
  { runs }: WorkerSettings,
  runId: string,
  tell: RunWorkParts['tell'],
): Promise<void> {
  const folder = join(runs, runId);
  if (!existsSync(join(folder, RUN_FILE))) return;
  await RunReader.with(folder, writeReport).catch((error: unknown) =>
    tell({ kind: 'note', level: 'warn', text: `The report of run ${runId}: ${messageOf(error)}` }),
  );
}

/** What an epoch of an experiment would send, from the cells as they are. */
export async function planned(parts: RunWorkParts, experiment: Experiment): Promise<EpochPlan> {
  const { settings, board } = parts;
  const known = chipKnown(experiment.calibration, parts);
  const runs = hasHistory(parseAddress(settings.address)) ? settings.runs : undefined;
  const { plan } = await planOnBoard(experiment, { board, known, runs });
  return plan;
}
