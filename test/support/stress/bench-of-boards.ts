import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { DaemonClient } from '../../../src/daemon/client/client.ts';
import { readyOf, type Started, spawnFnloop } from '../command-line.ts';
import { INFLUX_USER, Influxd } from '../influxd.ts';
import { type BoardProcess, startBoard } from './board-process.ts';

/** Boards, a database and a daemon, each a process of its own. */
export interface BenchOfBoards {
  readonly boards: readonly BoardProcess[];
  readonly influxd: Influxd;
  readonly database: string;
  readonly runs: string;
  readonly daemon: Started;
  readonly pid: number;
  readonly url: string;
  readonly client: DaemonClient;
  /** Ends whatever still runs. */
  close(): Promise<void>;
}

const DATABASE = 'stress';
const BOARDS = 4;

/** Half of the boards on pseudo-terminals, half on TCP. */
export async function startBench(folder: string): Promise<BenchOfBoards> {
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const influxd = await Influxd.start();
    closing.push(() => influxd.close());
    await influxd.query('', `CREATE DATABASE ${DATABASE}`);
    const boards: BoardProcess[] = [];
    for (let index = 0; index < BOARDS; index += 1) {
      const pty = index % 2 === 0 ? join(folder, `board${index}`) : undefined;
      const board = await startBoard(`b${index}`, index + 1, pty);
      closing.push(() => board.close());
      boards.push(board);
    }
    const runs = join(folder, 'runs');
    const config = join(folder, 'daemon.yaml');
    writeFileSync(config, stringify(configOf(boards, runs, influxd.address(DATABASE))));
    const daemon = spawnFnloop(['daemon', '--config', config], INFLUX_USER);
    // A process that is stopped in the middle leaves none of these behind.
    const abandon = () => {
      daemon.child.kill('SIGKILL');
      void influxd.kill();
    };
    process.once('exit', abandon);
    closing.push(async () => {
      process.off('exit', abandon);
      daemon.child.kill('SIGKILL');
      await daemon.ended;
    });
    const url = (await readyOf(daemon)).address;
    const client = new DaemonClient({ url }, new AbortController().signal);
    const pid = daemon.child.pid ?? 0;
    return { boards, influxd, database: DATABASE, runs, daemon, pid, url, client, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const configOf = (boards: readonly BoardProcess[], runs: string, influx: string) => ({
  runs,
  boards: Object.fromEntries(
    boards.map(({ name, address }) => [name, { address, device: 'dam-a', patienceS: 60 }]),
  ),
  influx: { url: influx },
  disk: { leastFreeGB: 0 },
  listen: { port: 0 },
});
