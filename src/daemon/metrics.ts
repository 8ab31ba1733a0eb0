import { Counter, Gauge, Registry } from 'prom-client';
import { softwareVersion } from '../core/package.ts';
import type { EventLoopDelay } from './event-loop.ts';
import { boardStates, type JobProgress, jobStates, type Lab } from './lab.ts';

/** What of a lab is measured. */
type Observed = Pick<Lab, 'boards' | 'jobs' | 'events$'>;

export interface MetricsParts {
  readonly lab: Observed;
  readonly eventLoop: EventLoopDelay;
  readonly freeBytes: () => number;
}

/** What Prometheus may read of the daemon; computed when it is asked for. */
export class DaemonMetrics {
  readonly #registry = new Registry();

  constructor({ lab, eventLoop, freeBytes }: MetricsParts) {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, collect: (set: Set) => void, labelNames: string[] = []) =>
      new Gauge({
        name: `fnloop_${name}`,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          collect((value, labels = {}) => this.set(labels, value));
        },
      });
    const counted = <State extends string>(states: readonly State[], found: readonly State[], set: Set) => {
      for (const state of states) set(found.filter((each) => each === state).length, { state });
    };
    gauge(
      'boards',
      'Boards by state.',
      (set) =>
        counted(
          boardStates,
          lab.boards().map(({ state }) => state),
          set,
        ),
      ['state'],
    );
    gauge(
      'jobs',
      'Jobs by state.',
      (set) =>
        counted(
          jobStates,
          lab.jobs().map(({ state }) => state),
          set,
        ),
      ['state'],
    );
    const ofRunning = (name: string, help: string, value: (progress: JobProgress) => number | null) =>
      gauge(
        name,
        help,
        (set) => {
          for (const { board, state, progress } of lab.jobs()) {
            const found = state === 'running' && progress !== null ? value(progress) : null;
            if (found !== null) set(found, { board });
          }
        },
        ['board'],
      );
    ofRunning('updates_per_second', 'Speed of the run under way.', ({ updatesPerS }) => updatesPerS);
    ofRunning(
      'backlog_rows',
      'Rows of the run under way that wait for the database.',
      ({ backlogRows }) => backlogRows,
    );
    ofRunning('test_accuracy', 'Of the run under way.', ({ testAccuracy }) => testAccuracy);
    gauge(
      'board_temperature_kelvin',
      'As the board tells it.',
      (set) => {
        for (const { name, temperatureK } of lab.boards())
          if (temperatureK !== null) set(temperatureK, { board: name });
      },
      ['board'],
    );
    gauge(
      'event_loop_delay_seconds',
      'Delay of the daemon’s event loop.',
      (set) => {
        for (const quantile of [50, 99])
          set(eventLoop.quantileMs(quantile) / 1e3, { quantile: `${quantile / 100}` });
        eventLoop.reset();
      },
      ['quantile'],
    );
    gauge('resident_memory_bytes', 'Of the daemon; boards have processes of their own.', (set) =>
      set(process.memoryUsage.rss()),
    );
    gauge('disk_free_bytes', 'Where runs are recorded.', (set) => set(freeBytes()));
    gauge('build_info', 'Version and commit.', (set) => set(1, versionLabels()), ['version', 'commit']);
    this.#count(lab);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #count({ events$ }: Observed): void {
    const registers = [this.#registry];
    const labelNames = ['board'];
    const updates = new Counter({
      name: 'fnloop_updates_total',
      help: 'Updates since the daemon began.',
      labelNames,
      registers,
    });
    const energyJ = new Counter({
      name: 'fnloop_update_energy_joules_total',
      help: 'Full-cycle energy of those updates.',
      labelNames,
      registers,
    });
    events$.subscribe((event) => {
      if (event.kind !== 'updates') return;
      updates.inc({ board: event.board }, event.updates.length);
      const sumFJ = event.updates.reduce((sum, { energyFJ }) => sum + energyFJ, 0);
      // An energy below zero is noise, and a counter only rises.
      if (sumFJ > 0) energyJ.inc({ board: event.board }, sumFJ * 1e-15);
    });
  }
}

type Set = (value: number, labels?: Readonly<Record<string, string>>) => void;

function versionLabels(): Record<string, string> {
  const { version, commit } = softwareVersion();
  return { version, commit: commit ?? 'unknown' };
}
