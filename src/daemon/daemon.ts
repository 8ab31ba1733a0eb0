import { setInterval as every } from 'node:timers';
import type { Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders } from '../core/files.ts';
import { parseTarget } from '../influx/target.ts';
import { type DaemonConfig, readDaemonConfig } from './config.ts';
import { DaemonFile } from './daemon-file.ts';
import { DiskGuard, freeBytes } from './disk-guard.ts';
import { EventLoopDelay } from './event-loop.ts';
import { type Health, healthOf } from './health.ts';
import { hasEnded, JobQueue } from './job-queue.ts';
import type { Lab } from './lab.ts';
import { DaemonMetrics } from './metrics.ts';
import { ServiceNotice } from './notify.ts';
import { retainRuns } from './retention.ts';
import { Supervisor } from './supervisor.ts';
import { WorkerProcess, workerEntry } from './worker-process.ts';

/** What is served to clients. */
export interface Served {
  readonly lab: Lab;
  /** As it is at present: it may be reloaded. */
  readonly config: () => DaemonConfig;
  readonly metrics: DaemonMetrics;
  readonly health: () => Health;
  readonly log: Logger;
}

/** Serves a daemon to clients at its listen address; resolves once it does. */
export type Serve = (served: Served) => Promise<{ readonly address: string; close(): Promise<void> }>;

export interface DaemonParts {
  readonly configFile: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absent: nothing is served. */
  readonly serve?: Serve;
}

const RETAIN_EVERY_MS = 3_600_000;

/** The daemon: boards and runs looked after, until it is closed. */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #file: DaemonFile;
  readonly #queue: JobQueue;
  readonly #supervisor: Supervisor;
  readonly #guard: DiskGuard;
  readonly #notice: ServiceNotice;
  readonly #eventLoop = new EventLoopDelay();
  readonly #metrics: DaemonMetrics;
  #config: DaemonConfig;
  #halt: string | undefined;
  #server: Awaited<ReturnType<Serve>> | undefined;
  #retaining: NodeJS.Timeout | undefined;

  /** Throws as `readDaemonConfig` and `JobQueue.open`, and `run-in-use` where another daemon has the folder of runs. */
  constructor(parts: DaemonParts) {
    const { configFile, clock, log, environment } = parts;
    this.#parts = parts;
    this.#config = readDaemonConfig(configFile);
    const { runs } = this.#config;
    makeFolders(runs);
    this.#file = new DaemonFile(runs);
    this.#queue = JobQueue.open(runs);
    this.#supervisor = new Supervisor({
      config: this.#config,
      queue: this.#queue,
      clock,
      startWorker: (ears) => new WorkerProcess(workerEntry, ears),
      log: (level, text, about = {}) => log[level](about, text),
    });
    this.#guard = new DiskGuard({
      folder: runs,
      leastFreeGB: () => this.#config.disk.leastFreeGB,
      free: freeBytes,
      onChange: (reason) => {
        this.#halt = reason;
        this.#supervisor.halt(reason);
      },
    });
    this.#notice = new ServiceNotice(environment, (text) => log.warn(text));
    this.#metrics = new DaemonMetrics({
      lab: this.#supervisor,
      eventLoop: this.#eventLoop,
      freeBytes: () => this.#guard.freeBytes,
    });
  }

  get lab(): Lab {
    return this.#supervisor;
  }

  health(): Health {
    return healthOf({
      boards: this.#supervisor.boards(),
      halt: this.#halt,
      eventLoopP99Ms: this.#eventLoop.quantileMs(99),
    });
  }

  /** Takes up boards and jobs, and serves; returns where. */
  async start(): Promise<{ readonly address: string | null }> {
    const { log, serve } = this.#parts;
    // Before anything begins: a full disk is to be known by then.
    this.#writeFile(null);
    await this.#guard.start();
    this.#supervisor.start();
    this.#server = await serve?.({
      lab: this.#supervisor,
      config: () => this.#config,
      metrics: this.#metrics,
      health: () => this.health(),
      log,
    });
    const address = this.#server?.address ?? null;
    this.#writeFile(address);
    void this.#retain();
    this.#retaining = every(() => void this.#retain(), RETAIN_EVERY_MS);
    this.#notice.ready(() => this.#eventLoop.quantileMs(50) < 1_000);
    log.info({ boards: Object.keys(this.#config.boards), address }, 'The daemon looks after its boards.');
    return { address };
  }

  /** Reads its configuration again; one with problems is refused, and everything stays. */
  reload(): void {
    const { log, configFile } = this.#parts;
    this.#notice.reloading();
    try {
      const config = readDaemonConfig(configFile);
      const fixed = (['runs', 'listen'] as const).filter(
        (key) => JSON.stringify(config[key]) !== JSON.stringify(this.#config[key]),
      );
      if (fixed.length > 0)
        log.warn(`${fixed.join(' and ')} cannot change while the daemon runs: restart it.`);
      const { runs, listen } = this.#config;
      this.#config = { ...config, runs, listen };
      this.#supervisor.reload(this.#config);
      this.#writeFile(this.#server?.address ?? null);
      void this.#guard.look();
      log.info({ boards: Object.keys(config.boards) }, 'The configuration was read again.');
    } catch (error) {
      const problems = error instanceof FnloopError ? error.problems : [];
      log.error({ problems }, `The configuration stays as it was: ${messageOf(error)}`);
    }
    this.#notice.reloaded();
  }

  /** Work ends in order, outputs come to rest, files close: within 5 s. */
  async close(): Promise<void> {
    this.#notice.stopping();
    clearInterval(this.#retaining);
    this.#guard.stop();
    // A client that does not leave must not keep outputs armed.
    await Promise.all([this.#supervisor.close(), this.#server?.close()]);
    this.#eventLoop.stop();
    this.#file.remove();
    this.#parts.log.info('The daemon has ended.');
  }

  #writeFile(address: string | null): void {
    this.#file.write({ address, boards: Object.values(this.#config.boards).map((board) => board.address) });
  }

  async #retain(): Promise<void> {
    const { runs, retention, influx } = this.#config;
    if (retention === undefined) return;
    const { log, clock } = this.#parts;
    const needed = new Set(this.#queue.all.filter((job) => !hasEnded(job)).map(({ runId }) => runId));
    await retainRuns({
      runs,
      keep: retention,
      target: influx === undefined ? undefined : parseTarget(influx.url).name,
      isNeeded: (runId) => needed.has(runId),
      nowWallNs: clock.wallNs(),
      log: (text) => log.info(text),
    }).catch((error: unknown) => log.error(`Retention: ${messageOf(error)}`));
  }
}
