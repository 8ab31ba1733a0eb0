import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { newToken } from '../../src/daemon/tokens.ts';
import { type AttackKind, attack } from '../support/attack.ts';
import { askSafe, quantileOf } from '../support/safe-asking.ts';
import { type Benchmark, number, type Row, text } from './benchmark.ts';
import { fnloop } from './fnloop.ts';
import { withFolder } from './folder.ts';
import { commandSafe, type Place } from './safe-command.ts';

const TIMES = 200;
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
/** Not built: it is plain JavaScript already. */
const ATTACKS = fileURLToPath(new URL('../../../test/support/attacks.mjs', import.meta.url));
const READY_MS = 20_000;
const COMMANDS = 50;

/** SAFE by the command line, to the bytes at the board: at a free port, and at one that a soak holds. At full speed the soak and the mock want both cores. */
const commandCases: readonly { readonly name: string; readonly place: Place; readonly kind?: AttackKind }[] =
  [
    { name: 'command, free TCP', place: { via: 'tcp', isHeld: false } },
    { name: 'command, free pty', place: { via: 'pty', isHeld: false } },
    { name: 'command, held TCP', place: { via: 'tcp', isHeld: true, time: 'real' } },
    { name: 'command, held pty', place: { via: 'pty', isHeld: true, time: 'real' } },
    {
      name: 'command, held pty, hostile requests',
      place: { via: 'pty', isHeld: true, time: 'real' },
      kind: 'requests',
    },
    { name: 'command, held pty, at full speed', place: { via: 'pty', isHeld: true } },
  ];

/** What goes on while SAFE is asked for, and with whose token. To add a row, add a case. */
const cases: readonly { readonly name: string; readonly kind?: AttackKind; readonly isReader?: true }[] = [
  { name: 'idle' },
  { name: '512 silent connections', kind: 'silent-512' },
  { name: '5,000 silent connections', kind: 'silent-5000' },
  { name: 'slow heads', kind: 'slow-heads' },
  { name: 'slow bodies', kind: 'slow-bodies', isReader: true },
  { name: 'half-open connections', kind: 'half-open', isReader: true },
  { name: 'readers that take nothing', kind: 'no-readers', isReader: true },
  { name: '200 stalled event readers', kind: 'event-readers', isReader: true },
  { name: 'hostile YAML and JSON', kind: 'documents', isReader: true },
  { name: 'exports and reports', kind: 'exports', isReader: true },
  { name: 'hostile requests', kind: 'requests', isReader: true },
  { name: 'hostile requests, no token', kind: 'requests' },
  { name: '1,000 requests ahead', kind: 'pipelined' },
];

/** SAFE over HTTP, from its connection to the board's confirmation, while a daemon is attacked; then by the command line. */
export const safe: Benchmark = {
  name: 'safe',
  summary:
    'how long SAFE takes over HTTP while a daemon is attacked, and by a command to the bytes at the board',
  run: (note) =>
    withFolder(async (folder) => {
      const bench = await startBench(folder);
      try {
        const rows: Row[] = [];
        for (const { name, kind, isReader } of cases) {
          note(`safe: ${name} ...`);
          // One of its own: requests are counted by who asks.
          const token = isReader ? (bench.readTokens.get(name) ?? '') : '';
          const attacked = kind && (await attack(kind, bench.url, { token, script: ATTACKS }));
          const asked = await askSafe({ url: bench.url, token: bench.runToken, board: 'left', times: TIMES });
          await attacked?.end();
          if (asked.refused.length > 0) note(`safe: WRONG: ${asked.refused.slice(0, 3).join(', ')}`);
          if (attacked !== undefined) note(`safe: ${name}: ${JSON.stringify(attacked.came)}`);
          rows.push(rowOf(name, asked, rows[0]));
        }
        for (const { name, place, kind } of commandCases) {
          note(`safe: ${name} ...`);
          const attacked = kind && (await attack(kind, bench.url, { token: '', script: ATTACKS }));
          const asked = await commandSafe(place, { folder, times: COMMANDS });
          await attacked?.end();
          if (asked.refused.length > 0) note(`safe: WRONG: ${asked.refused.slice(0, 3).join(', ')}`);
          rows.push(rowOf(name, asked, rows[0]));
        }
        return { columns, rows };
      } finally {
        await bench.close();
      }
    }),
};

const columns = [
  text('while', 'case'),
  number('SAFE, p50, ms', 'p50Ms', 1),
  number('p99, ms', 'p99Ms', 1),
  number('max, ms', 'maxMs', 1),
  number('p99, over idle', 'ratio', 1),
  number('times', 'times', 0),
  number('not answered', 'refused', 0),
];

function rowOf(name: string, { tookMs, refused }: Awaited<ReturnType<typeof askSafe>>, idle?: Row): Row {
  const p99Ms = quantileOf(tookMs, 0.99);
  return {
    case: name,
    p50Ms: quantileOf(tookMs, 0.5),
    p99Ms,
    maxMs: quantileOf(tookMs, 1),
    ratio: p99Ms / Number(idle?.['p99Ms'] ?? p99Ms),
    times: tookMs.length,
    refused: refused.length,
  };
}

/** A daemon with one mock over TCP, a run to export, a token to run and one to read for each case. */
async function startBench(folder: string) {
  const runs = join(folder, 'runs');
  mkdirSync(runs);
  await fnloop(['train', 'breast-cancer', '--steps', '50', '--runs', runs]);
  const mock = started('mock', '--tcp', '127.0.0.1:0', '--cells', '64');
  const { address } = await mock.ready;
  const run = newToken('run');
  const readers = new Map(cases.map(({ name }) => [name, newToken('read')]));
  const file = join(folder, 'daemon.yaml');
  writeFileSync(
    file,
    stringify({
      runs,
      boards: { left: { address, device: 'dam-a' } },
      listen: { port: 0 },
      disk: { leastFreeGB: 0 },
      tokens: [run, ...readers.values()].map(({ entry }, nth) => ({ ...entry, name: `bench-${nth}` })),
    }),
  );
  const daemon = started('daemon', '--config', file, '--log-level', 'warn');
  const { address: url } = await daemon.ready;
  await boardReady(url, run.token);
  return {
    url,
    readTokens: new Map([...readers].map(([name, { token }]) => [name, token])),
    runToken: run.token,
    close: async () => {
      await daemon.end();
      await mock.end();
    },
  };
}

async function boardReady(url: string, token: string): Promise<void> {
  const endMs = performance.now() + READY_MS;
  while (performance.now() < endMs) {
    const answer = await fetch(`${url}/api/v1/boards`, { headers: { authorization: `Bearer ${token}` } });
    const [board] = (await answer.json()) as { state: string }[];
    if (board?.state === 'ready') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the board is not ready within ${READY_MS} ms`);
}

function started(...parameters: string[]) {
  const child = spawn(process.execPath, [MAIN, ...parameters], { stdio: ['ignore', 'pipe', 'ignore'] });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const closed = once(child, 'close');
  const ready = Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(
      ([line]) => JSON.parse(String(line)) as { readonly address: string },
    ),
    closed.then(([status]) => Promise.reject(new Error(`fnloop ${parameters[0]} ended with ${status}`))),
  ]);
  return {
    ready,
    end: async () => {
      child.kill();
      await closed;
      process.off('exit', kill);
    },
  };
}
