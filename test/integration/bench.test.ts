import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const bench = (...parameters: string[]) =>
  spawnSync(process.execPath, ['dist/test/bench/main.js', ...parameters], { cwd: root, encoding: 'utf8' });

beforeAll(() => {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/bench'], { cwd: root });
});

test('without a name the benchmarks are listed', () => {
  const { status, stdout } = bench();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ {2}link +\S/m);
  expect(stdout).toMatch(/^ {2}loop +\S/m);
  expect(stdout).toMatch(/^ {2}fit +\S/m);
  expect(stdout).toMatch(/^ {2}mock +\S/m);
  expect(stdout).toMatch(/^ {2}influx +\S/m);
  expect(stdout).toMatch(/^ {2}page +\S/m);
  expect(stdout).toMatch(/^ {2}stress +\S/m);
  expect(stdout).toMatch(/^ {2}safe +\S/m);
});

test('an unknown name, or more than one, is refused', () => {
  const sizes = [
    ['influx', '--updates', 'many'],
    ['stress', '--minutes', '0'],
  ];
  for (const parameters of [['lnk'], ['link', 'loop'], ...sizes]) {
    const { status, stdout, stderr } = bench(...parameters);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^error: expected one benchmark of link, loop, fit, mock, influx, page, stress, safe; found '.*'\n$/,
    );
  }
});
