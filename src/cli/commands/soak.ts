import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { devices } from '../../../calibration/devices.ts';
import type { Board } from '../../board/board.ts';
import { accountingSchema } from '../../config/experiment.ts';
import { FnloopError } from '../../core/errors.ts';
import { assertNothingRefused } from '../../influx/shipping-state.ts';
import type { CountsAt } from '../../soak/comparison.ts';
import { runSoak, type SoakOutcome } from '../../soak/run-soak.ts';
import type { SoakSettings } from '../../soak/soak.ts';
import { batchSummary, linkSummary } from '../../store/link-summary.ts';
import type { Manifest } from '../../store/manifest.ts';
import { RunFile } from '../../store/run-file.ts';
import { newRunId, RUN_FILE } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';
import { openHistory } from '../../training/board-history.ts';
import { hasHistory, parseAddress } from '../../transport/address.ts';
import { serveMock } from '../../transport/mock.ts';
import type { App } from '../app.ts';
import { borrowing } from '../by-daemon/borrowing.ts';
import { faultsFrom } from '../faults.ts';
import { interruptionOf } from '../interruption.ts';
import {
  boardOption,
  type Milliseconds,
  milliseconds,
  seedOption,
  type Volts,
  volts,
  wholeNumber,
} from '../options.ts';
import { soakProgress } from '../progress.ts';
import { type RunChoices, withRunOptions } from '../run-options.ts';
import { liveShipping, shippedOf, shippingRows } from '../shipping.ts';
import { type WatchedShipping, watched } from '../shipping-watch.ts';
import { soakResult, soakRows } from '../soak-result.ts';
import { outliveKills, type WorkerNews } from '../soak-workers.ts';
import { listing } from '../table.ts';

export interface SoakOptions extends RunChoices {
  readonly board: string;
  readonly updates: number;
  readonly stepUpdates: number;
  readonly amplitude: Volts;
  readonly width: Milliseconds;
  readonly device: string;
  readonly seed: number;
  readonly kills: number;
  readonly lead?: Milliseconds;
  readonly faults?: string;
  readonly into?: string;
  readonly asHost?: number;
}

export function soakCommand(app: App): Command {
  return withRunOptions(
    new Command('soak')
      .addOption(boardOption().makeOptionMandatory())
      .addOption(
        new Option('--updates <number>', 'updates in all')
          .argParser(wholeNumber(1, 1_000_000_000))
          .makeOptionMandatory(),
      )
      .addOption(new Option('--faults <spec>', 'what a mock is to do wrong: corrupt:0.01,... or a YAML file'))
      .addOption(
        new Option('--kills <number>', 'times that the working process is killed with -9')
          .argParser(wholeNumber(0, 1000))
          .default(0),
      )
      .addOption(new Option('--amplitude <voltage>', 'of the pulses').argParser(volts(20)).default(4, '4V'))
      .addOption(
        new Option('--width <time>', 'of the shorter pulses')
          .argParser(milliseconds(3_600_000))
          .default(10, '10ms'),
      )
      .addOption(
        new Option('--step-updates <number>', 'updates between two readings')
          .argParser(wholeNumber(1, 1_000_000))
          .default(8192),
      )
      .addOption(
        new Option('--lead <time>', 'start batches at times of the board, so long ahead').argParser(
          milliseconds(2_000),
        ),
      )
      .addOption(new Option('--device <name>', 'kind of chip').choices(Object.keys(devices)).default('dam-a'))
      .addOption(seedOption().default(1))
      .addOption(new Option('--into <folder>', 'the run to begin or to go on with').hideHelp())
      .addOption(
        new Option('--as-host <number>', 'number of the soak on the wire')
          .argParser(wholeNumber(1, 0xffffffff))
          .hideHelp(),
      ),
  ).action(async (options: SoakOptions) => {
    if (options.wireLog !== undefined && options.kills > 0)
      throw new FnloopError('usage', 'A wire log is of one process: it cannot be had with --kills.');
    if (options.asHost !== undefined) {
      app.earlierWork = { host: options.asHost };
      app.isGoingOn = existsSync(join(options.into ?? '', RUN_FILE));
    }
    const folder = options.into ?? join(options.runs, newRunId(app.clock.wallNs(), 'soak', options.seed));
    app.nowOn(basename(folder));
    const outcome = await withServedMock(options, (address) =>
      borrowed(app, options, () =>
        charged(app, options, folder, () =>
          options.kills > 0
            ? app.cooperate(() => workOfOthers(app, { ...options, board: address }, folder))
            : work(app, { ...options, board: address }, folder),
        ),
      ),
    );
    const result = await RunReader.with(folder, async (run) =>
      soakResult(run, outcome, await batchSummary(run), await linkSummary(run), options.kills),
    );
    const influx = await shippedOf(folder, options);
    app
      .output(options.json === true)
      .result(influx === undefined ? result : { ...result, influx }, () =>
        listing([...soakRows(result), ...shippingRows(influx, result.runId)]),
      );
    if (result.status === 'interrupted') throw await interruptionOf(folder, 'The soak was interrupted.');
    if (result.differences.length > 0) {
      throw new FnloopError(
        'accounts-differ',
        `Board and run file differ on ${result.differences.length} nodes: ${result.lost} pulses lost, ${result.repeated} not recorded.`,
      );
    }
    if (influx !== undefined) assertNothingRefused(influx, result.runId);
  });
}

/** A mock is served from here, so that it outlives the processes that work with it; its faults are its own. */
async function withServedMock<T>(options: SoakOptions, use: (address: string) => Promise<T>): Promise<T> {
  const address = parseAddress(options.board);
  if (address.scheme !== 'mock') {
    if (options.faults === undefined) return use(options.board);
    throw new FnloopError('usage', `Faults are for a mock: ${options.board} is none.`);
  }
  const place = mkdtempSync(join(tmpdir(), 'fnloop-soak-'));
  try {
    const faults = options.faults === undefined ? undefined : await faultsFrom(options.faults, options.seed);
    const served = await serveMock(address, { seed: options.seed, faults, linkPath: join(place, 'board') });
    try {
      return await use(served.address);
    } finally {
      await served.close();
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The process that began the soak has the board for all that work on it. */
const borrowed = <T>(
  app: App,
  { board: address, runs, into }: SoakOptions,
  run: () => Promise<T>,
): Promise<T> =>
  into === undefined ? borrowing(app, { address, runs, command: 'fnloop soak' }, run) : run();

/** What a soak does to a board that stays is charged to its cells, by the process that began it. */
async function charged<T>(
  app: App,
  { board: address, runs, into, patience }: SoakOptions,
  folder: string,
  run: () => Promise<T>,
): Promise<T> {
  if (into !== undefined || !hasHistory(parseAddress(address))) return run();
  const history = await app.withBoard(address, (board) => openHistory(runs, board, app.clock), {
    patience,
  });
  return history.charging(folder, run);
}

/** The work of processes that are killed, with their progress. */
async function workOfOthers(app: App, options: SoakOptions, folder: string): Promise<SoakOutcome> {
  let tell = (_: string): void => {};
  const shipping: WatchedShipping = {
    watch: (told) => {
      tell = told;
      return () => {};
    },
  };
  const { reach, stop } = soakProgress(options.updates, process.stderr, shipping);
  return outliveKills(app, options, folder, ({ updates, influx }) => {
    if (updates !== undefined) reach(updates);
    if (influx !== undefined) tell(influx);
  }).finally(stop);
}

/** This process' share of the work. */
async function work(app: App, options: SoakOptions, folder: string): Promise<SoakOutcome> {
  const device = devices[options.device];
  if (device === undefined) throw new FnloopError('invariant', `Device ${options.device} is unknown.`);
  const shipping = liveShipping(app, options);
  const use = async (board: Board): Promise<SoakOutcome> => {
    if (options.into !== undefined) process.send?.({ hasBoard: true } satisfies WorkerNews);
    const begun = existsSync(join(folder, RUN_FILE)) ? await manifestOf(folder) : undefined;
    const runFile =
      begun === undefined ? await RunFile.create(folder, app.clock) : await RunFile.reopen(folder, app.clock);
    if (shipping !== undefined) await runFile.accompany(shipping);
    const { reach, stop } = progressTo(options, watched(shipping));
    return runSoak({
      board,
      runFile,
      device,
      runId: folder.split('/').at(-1) ?? folder,
      begun,
      settings: settingsOf(options),
      clock: app.clock,
      signal: app.signal,
      onStep: reach,
    }).finally(stop);
  };
  return app.withBoard(options.board, use, options);
}

/** Shown here, or told to the process that began the soak. */
function progressTo(
  { into, updates }: SoakOptions,
  shipping: WatchedShipping | undefined,
): { reach(updates: number): void; stop(): void } {
  if (into === undefined) return soakProgress(updates, process.stderr, shipping);
  const tell = (news: WorkerNews) => void process.send?.(news);
  const unwatch = shipping?.watch((influx) => tell({ influx }));
  return { reach: (done) => tell({ updates: done }), stop: () => unwatch?.() };
}

const manifestOf = (folder: string) =>
  RunReader.with(folder, async (run) => run.manifest as Manifest & { readonly countsAtStart: CountsAt });

const settingsOf = ({ updates, stepUpdates, seed, amplitude, width, lead }: SoakOptions): SoakSettings => ({
  updates,
  stepUpdates,
  seed,
  amplitudeV: amplitude,
  widthUs: Math.round(width * 1e3),
  leadMs: lead,
  accounting: accountingSchema.parse(undefined),
});
