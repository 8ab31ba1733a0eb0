import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { anyHost } from '../board/arming.ts';
import { SafeDoor } from '../board/safe-door.ts';
import { FnloopError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import type { SoakOutcome } from '../soak/run-soak.ts';
import { RunReader } from '../store/run-reader.ts';
import { parseAddress } from '../transport/address.ts';
import type { App } from './app.ts';
import type { SoakOptions } from './commands/soak.ts';

/** What a worker tells of its share. */
export interface WorkerNews {
  /** It has the board, and can be asked for SAFE itself. */
  readonly hasBoard?: true;
  readonly updates?: number;
  /** How shipping stands, in words. */
  readonly influx?: string;
}

/**
 * Lets processes of their own do the soak one after the other, and kills each but the last with -9 at a
 * random place of its share. Returns what the last one found. Rejects with `brought-to-rest` where somebody on this machine wanted the
 * board at rest: between two of them nobody has its port, so that the next would not know.
 */
export async function outliveKills(
  app: App,
  options: SoakOptions,
  folder: string,
  onNews: (news: WorkerNews) => void,
): Promise<SoakOutcome> {
  let restedBy: string | undefined;
  let unconnected: ChildProcess | undefined;
  const door = new SafeDoor({
    work: () => app.work,
    note: app.output(false).note,
    makeSafe: async (by) => {
      restedBy ??= by;
      // It is about to open the port.
      unconnected?.kill('SIGINT');
      return { wasArmed: 'unknown', boardTimeUs: null };
    },
  });
  // One number for all: what another one did between two of them is told apart.
  const asHost = anyHost();
  const begin = () => {
    const worker = start(options, folder, asHost).on('message', (news: WorkerNews) => {
      if (news.hasBoard) unconnected = undefined;
      onNews(news);
    });
    unconnected = worker;
    return worker;
  };
  await door.open(parseAddress(options.board));
  const outcome = await workInTurn({ app, options, folder, begin, isRested: () => restedBy !== undefined })
    .catch((failure: unknown) => {
      if (restedBy === undefined) throw failure;
      return undefined;
    })
    .finally(() => door.close());
  if (outcome !== undefined) return outcome;
  throw new FnloopError(
    'brought-to-rest',
    `The soak has ended: its board was brought to rest by ${restedBy}.`,
  );
}

interface Turns {
  readonly app: App;
  readonly options: SoakOptions;
  readonly folder: string;
  begin(): ChildProcess;
  isRested(): boolean;
}

/** Undefined where the board was brought to rest, and no other process is to begin. */
async function workInTurn({
  app,
  options,
  folder,
  begin,
  isRested,
}: Turns): Promise<SoakOutcome | undefined> {
  const random = seededRandom(options.seed, 'kills');
  const share = options.updates / (options.kills + 1);
  for (let kill = 1; kill <= options.kills && !app.signal.aborted; kill += 1) {
    const worker = begin();
    const atUpdates = share * (kill - 1) + random.integer(Math.max(1, Math.floor(share)));
    await Promise.race([reached(worker, atUpdates), ended(worker)]);
    await new Promise((resolve) => setTimeout(resolve, random.integer(MOST_DELAY_MS)));
    worker.kill('SIGKILL');
    await ended(worker);
    // One that ended by itself before it was killed says why in the file: nobody takes its place.
    if (worker.exitCode !== null && worker.exitCode !== 0) return outcomeIn(folder);
    if (isRested()) return undefined;
  }
  const worker = begin();
  const interrupt = () => void worker.kill('SIGINT');
  app.signal.addEventListener('abort', interrupt, { once: true });
  if (app.signal.aborted) interrupt();
  await ended(worker);
  return outcomeIn(folder);
}

const outcomeIn = (folder: string): Promise<SoakOutcome> =>
  RunReader.with(folder, async ({ manifest }) => {
    const { status, failure } = manifest;
    if (status === 'finished' || status === 'interrupted') {
      return { status, comparison: (manifest as unknown as SoakOutcome).comparison ?? null };
    }
    throw new FnloopError('link-lost', `The soak ended early: ${failure ?? 'its process died'}`);
  });

/** A worker is killed up to so long after it reported its place. */
const MOST_DELAY_MS = 200;
const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

function start(
  { updates, stepUpdates, seed, device, ...options }: SoakOptions,
  folder: string,
  asHost: number,
): ChildProcess {
  return spawn(
    process.execPath,
    [
      MAIN,
      'soak',
      ...['--board', options.board, '--updates', `${updates}`, '--step-updates', `${stepUpdates}`],
      ...['--amplitude', `${options.amplitude}V`, '--width', `${options.width}ms`],
      ...(options.influx === undefined ? [] : ['--influx', options.influx.name]),
      ...(options.influxCredentials === undefined ? [] : ['--influx-credentials', options.influxCredentials]),
      ...(options.lead === undefined ? [] : ['--lead', `${options.lead}ms`]),
      ...['--device', device, '--seed', `${seed}`, '--into', folder, '--as-host', `${asHost}`, '--json'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
}

async function reached(worker: ChildProcess, updates: number): Promise<void> {
  for (;;) {
    const [{ updates: done }] = (await once(worker, 'message')) as [WorkerNews];
    if (done !== undefined && done >= updates) return;
  }
}

const ended = async (worker: ChildProcess): Promise<void> => {
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
};
