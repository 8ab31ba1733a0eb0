import { constants } from 'node:os';
import Table from 'cli-table3';
import type { Benchmark, Findings } from './benchmark.ts';
import { fit } from './fit.ts';
import { influx } from './influx.ts';
import { link } from './link.ts';
import { loop } from './loop.ts';
import { mock } from './mock.ts';
import { page } from './page.ts';
import { safe } from './safe.ts';
import { sizeOf } from './size.ts';
import { stress } from './stress.ts';

const benchmarks: readonly Benchmark[] = [link, loop, fit, mock, influx, page, stress, safe];
const USAGE_STATUS = 2;

// Leaving by `exit` ends mock processes and removes folders.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(128 + constants.signals[signal]));

const [name, ...others] = process.argv.slice(2);
const size = sizeOf(others);
const chosen = benchmarks.find((benchmark) => benchmark.name === name);
if (name === undefined) {
  print('npm run bench -- NAME, where NAME is one of:');
  for (const benchmark of benchmarks) print(`  ${benchmark.name.padEnd(8)}${benchmark.summary}`);
} else if (chosen === undefined || size === undefined) {
  const names = benchmarks.map((benchmark) => benchmark.name).join(', ');
  note(`error: expected one benchmark of ${names}; found '${[name, ...others].join(' ')}'`);
  process.exitCode = USAGE_STATUS;
} else {
  const findings = await chosen.run(note, size);
  print(tableOf(findings));
  print(JSON.stringify({ benchmark: chosen.name, node: process.versions.node, rows: findings.rows }));
}

function tableOf({ columns, rows }: Findings): string {
  const drawn = new Table({ head: columns.map(({ head }) => head), style: { head: [], border: [] } });
  drawn.push(...rows.map((row) => columns.map((column) => column.show(row))));
  return drawn.toString();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
