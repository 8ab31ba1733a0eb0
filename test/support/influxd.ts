import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const EXECUTABLE = '/usr/bin/influxd';
export const INFLUX_USER = { INFLUX_USERNAME: 'fnloop', INFLUX_PASSWORD: 'a pass, "word"' };

type Values = readonly (string | number | null)[];
export interface Series {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly Values[];
}

/** Debian's influxd 1.6 on ports and a data folder of its own, asking for a password; fails with the install command where it is missing. */
export class Influxd {
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** `folder` is for its data, and is removed when it closes. */
  static async start(folder = mkdtempSync(join(tmpdir(), 'fnloop-influxd-'))): Promise<Influxd> {
    if (!existsSync(EXECUTABLE))
      throw new Error(
        `${EXECUTABLE} is missing. Install with: sudo apt-get install influxdb influxdb-client`,
      );
    const [port, rpcPort] = [await freePort(), await freePort()];
    writeFileSync(
      join(folder, 'influxdb.conf'),
      `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
auth-enabled = true
log-enabled = false
`,
    );
    const server = new Influxd(folder, port);
    await server.restart();
    const { INFLUX_USERNAME, INFLUX_PASSWORD } = INFLUX_USER;
    await server.#query(
      `CREATE USER ${INFLUX_USERNAME} WITH PASSWORD '${INFLUX_PASSWORD}' WITH ALL PRIVILEGES`,
      {},
    );
    return server;
  }

  get port(): number {
    return this.#port;
  }

  address(database: string): string {
    return `http://127.0.0.1:${this.#port}?db=${database}`;
  }

  /** Starts it again on the same data, and waits until it answers. */
  async restart(): Promise<void> {
    this.#child = spawn(EXECUTABLE, ['-config', join(this.#folder, 'influxdb.conf')], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const isUp = await fetch(`http://127.0.0.1:${this.#port}/ping`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isUp) return;
      await sleep(25);
    }
    throw new Error('influxd did not answer within 5 s');
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  /** Stops its clock, with connections open. */
  async pauseFor(ms: number): Promise<void> {
    this.#child?.kill('SIGSTOP');
    await sleep(ms);
    this.#child?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The series of the answers, times in nanoseconds as text; throws what the server says is wrong. */
  query(database: string, statement: string): Promise<Series[]> {
    const { INFLUX_USERNAME, INFLUX_PASSWORD } = INFLUX_USER;
    const authorization = `Basic ${Buffer.from(`${INFLUX_USERNAME}:${INFLUX_PASSWORD}`).toString('base64')}`;
    return this.#query(statement, { authorization }, database);
  }

  async count(database: string, statement: string): Promise<number> {
    const [series] = await this.query(database, statement);
    return Number(series?.values[0]?.[1] ?? 0);
  }

  async write(database: string, lines: string): Promise<void> {
    const { INFLUX_USERNAME, INFLUX_PASSWORD } = INFLUX_USER;
    const authorization = `Basic ${Buffer.from(`${INFLUX_USERNAME}:${INFLUX_PASSWORD}`).toString('base64')}`;
    const url = `http://127.0.0.1:${this.#port}/write?db=${database}`;
    const { ok, status } = await fetch(url, { method: 'POST', headers: { authorization }, body: lines });
    if (!ok) throw new Error(`influxd answered ${status}`);
  }

  /** Has Debian's client import a file of lines with nanosecond times. */
  async import(file: string): Promise<void> {
    const { INFLUX_USERNAME, INFLUX_PASSWORD } = INFLUX_USER;
    const client = spawn(
      'influx',
      [
        ...['-import', '-path', file, '-precision', 'ns', '-port', `${this.#port}`],
        ...['-username', INFLUX_USERNAME, '-password', INFLUX_PASSWORD],
      ],
      { stdio: 'ignore' },
    );
    const [code] = (await once(client, 'close')) as [number | null];
    if (code !== 0) throw new Error(`influx -import exited with ${code}`);
  }

  async #query(
    statement: string,
    headers: Readonly<Record<string, string>>,
    database?: string,
  ): Promise<Series[]> {
    const body = new URLSearchParams({
      q: statement,
      epoch: 'ns',
      ...(database === undefined ? {} : { db: database }),
    });
    const response = await fetch(`http://127.0.0.1:${this.#port}/query`, { method: 'POST', headers, body });
    // Times are beyond what a number holds.
    const text = (await response.text()).replace(/([[,])(1[6-9]\d{17}|[2-9]\d{18})(?=[,\]])/g, '$1"$2"');
    const answer = JSON.parse(text) as {
      readonly error?: string;
      readonly results?: readonly { readonly error?: string; readonly series?: readonly Series[] }[];
    };
    const error = answer.error ?? answer.results?.find((result) => result.error !== undefined)?.error;
    if (error !== undefined) throw new Error(`influxd: ${error}`);
    return (answer.results ?? []).flatMap(({ series }) => series ?? []);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
