import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/core/package.ts';
import { servedMock } from '../support/daemon.ts';
import { temporaryFolder } from '../support/folder.ts';

const MAIN = join(packageRoot, 'dist', 'src', 'cli', 'main.js');

/** What a command line loads, packages by their names and files of ours by their paths. */
async function loadedBy(...parameters: string[]): Promise<readonly string[]> {
  const folder = temporaryFolder();
  const [hooks, register, log] = ['hooks.mjs', 'register.mjs', 'loaded.txt'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(log, '');
  writeFileSync(
    hooks,
    `import { appendFileSync } from 'node:fs';
export async function resolve(name, context, next) {
  const found = await next(name, context);
  appendFileSync(${JSON.stringify(log)}, found.url + '\\n');
  return found;
}`,
  );
  writeFileSync(
    register,
    `import { register } from 'node:module';\nregister(${JSON.stringify(pathToFileURL(hooks).href)});`,
  );
  const child = spawn(process.execPath, ['--import', register, MAIN, ...parameters], {
    stdio: 'ignore',
    env: { ...process.env, FNLOOP_DAEMON: 'http://127.0.0.1:9' },
  });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  const urls = readFileSync(log, 'utf8').trim().split('\n');
  const names = urls.flatMap((url) => {
    const [, path = ''] = url.split(`${pathToFileURL(packageRoot).href}/`);
    if (path === '') return [];
    return [/^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.replace(/^dist\//, '')];
  });
  return [...new Set(names)];
}

const packagesOf = (loaded: readonly string[]) => loaded.filter((name) => !name.includes('.js')).sort();

test('version and help load neither a command nor a board', async () => {
  for (const parameters of [['--version'], ['--help']]) {
    const loaded = await loadedBy(...parameters);
    expect(packagesOf(loaded)).toEqual(['commander', 'fastest-levenshtein']);
    expect(loaded.filter((name) => /^src\/(board|daemon|cli\/commands)/.test(name))).toEqual([]);
  }
});

test('safe and info load what the line to a board behind TCP needs, and no more', async () => {
  const { address } = await servedMock();
  const safe = await loadedBy('safe', '--board', address);
  expect(packagesOf(safe)).toEqual(['commander', 'fastest-levenshtein', 'rxjs']);
  expect(safe.filter((name) => name.startsWith('src/daemon/'))).toEqual(['src/daemon/places.js']);
  const info = await loadedBy('info', '--board', address);
  expect(packagesOf(info)).toEqual(['cli-table3', 'commander', 'd3-format', 'fastest-levenshtein', 'rxjs']);
});
