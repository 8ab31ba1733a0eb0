import type { Command } from 'commander';
import type { App } from './app.ts';

/** A command of which only the line in `fnloop --help` is known until it is asked for. */
export interface ListedCommand {
  /** Its name and arguments, as help shows them. */
  readonly usage: string;
  readonly summary: string;
  /** Loads it, with all that it needs. */
  readonly load: () => Promise<(app: App) => Command>;
}

/** Every command, in the order of help. Its options and its work are in its file, which is loaded when it is the one that was asked for. */
export const commandTable: readonly ListedCommand[] = [
  {
    usage: 'train [options] <experiment>',
    summary: 'train on a board and account for every update',
    load: async () => (await import('./commands/train.ts')).trainCommand,
  },
  {
    usage: 'plan [options] <experiment>',
    summary: 'what one epoch of an experiment would send and cost; reads the board, changes nothing',
    load: async () => (await import('./commands/plan.ts')).planCommand,
  },
  {
    usage: 'compare [options] <experiment>',
    summary: 'train the same under several policies, and compare what it cost',
    load: async () => (await import('./commands/compare.ts')).compareCommand,
  },
  {
    usage: 'calibrate [options]',
    summary: 'measure the tunneling parameters of every node, or check a calibration',
    load: async () => (await import('./commands/calibrate.ts')).calibrateCommand,
  },
  {
    usage: 'runs',
    summary: 'list, show, export, report, recompute and resume recorded runs',
    load: async () => (await import('./commands/runs.ts')).runsCommand,
  },
  {
    usage: 'status [options]',
    summary: 'boards and jobs of the daemon',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    usage: 'queue [options] [experiment]',
    summary: 'queue an experiment on a board of the daemon; list, order, pause, resume and stop jobs',
    load: async () => (await import('./commands/queue.ts')).queueCommand,
  },
  {
    usage: 'watch [options] <run or job>',
    summary: 'follow a job of the daemon until it ends',
    load: async () => (await import('./commands/watch.ts')).watchCommand,
  },
  {
    usage: 'influx',
    summary: 'ship recorded runs to InfluxDB, and compare what arrived',
    load: async () => (await import('./commands/influx.ts')).influxCommand,
  },
  {
    usage: 'ports [options]',
    summary: 'serial ports of this machine, as board addresses',
    load: async () => (await import('./commands/ports.ts')).portsCommand,
  },
  {
    usage: 'info [options]',
    summary: 'what a board says of itself, and how its link does',
    load: async () => (await import('./commands/info.ts')).infoCommand,
  },
  {
    usage: 'safe [options]',
    summary: 'bring the outputs of a board to rest, whatever it is doing',
    load: async () => (await import('./commands/safe.ts')).safeCommand,
  },
  {
    usage: 'mock [options]',
    summary: 'serve a mock board until SIGTERM',
    load: async () => (await import('./commands/mock.ts')).mockCommand,
  },
  {
    usage: 'soak [options]',
    summary: 'random updates under faults, then the board’s own pulse counts against the run file',
    load: async () => (await import('./commands/soak.ts')).soakCommand,
  },
  {
    usage: 'bound [options]',
    summary: 'the least energy that training a model can cost, and what that rests on',
    load: async () => (await import('./commands/bound.ts')).boundCommand,
  },
  {
    usage: 'daemon [options]',
    summary: 'look after boards and runs until SIGTERM',
    load: async () => (await import('./commands/daemon.ts')).daemonCommand,
  },
];

export const nameOf = ({ usage }: ListedCommand): string => usage.split(' ')[0] ?? usage;
