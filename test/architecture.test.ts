import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorKinds } from '../src/core/errors.ts';

const root = join(import.meta.dirname, '..');
const rooms = ['firmware-protocol', 'calibration', 'mocks', 'src'];
const files = rooms
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)),
  )
  .filter((file) => /\.tsx?$/.test(file));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

/** What each room may import besides itself; a room of src is a folder of it. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'firmware-protocol': [],
  calibration: [],
  mocks: ['firmware-protocol'],
  'src/core': [],
  'src/config': ['src/core', 'calibration'],
  'src/transport': ['src/config', 'src/core', 'firmware-protocol'],
  'src/board': ['src/transport', 'src/config', 'src/core', 'firmware-protocol'],
  'src/chip': ['src/board', 'src/config', 'src/core', 'calibration'],
  'src/ledger': ['src/chip', 'src/board', 'src/config', 'src/core', 'calibration'],
  'src/scheduling': ['src/board', 'src/config', 'src/core', 'firmware-protocol'],
  'src/store': [
    'src/scheduling',
    'src/ledger',
    'src/chip',
    'src/board',
    'src/config',
    'src/core',
    'calibration',
    'firmware-protocol',
  ],
  'src/settling': [
    'src/store',
    'src/scheduling',
    'src/ledger',
    'src/chip',
    'src/board',
    'src/config',
    'src/core',
    'calibration',
    'firmware-protocol',
  ],
  'src/calibrating': [
    'src/settling',
    'src/store',
    'src/scheduling',
    'src/ledger',
    'src/chip',
    'src/board',
    'src/config',
    'src/core',
    'calibration',
    'firmware-protocol',
  ],
  'src/training': [
    'src/chip',
    'src/settling',
    'src/store',
    'src/scheduling',
    'src/ledger',
    'src/board',
    'src/config',
    'src/core',
    'calibration',
  ],
  'src/comparing': ['src/store', 'src/ledger', 'src/config', 'src/core', 'calibration'],
  'src/report': [
    'src/comparing',
    'src/chip',
    'src/store',
    'src/ledger',
    'src/board',
    'src/config',
    'src/core',
    'calibration',
  ],
  'src/influx': ['src/store', 'src/ledger', 'src/board', 'src/config', 'src/core'],
  'src/soak': [
    'src/settling',
    'src/store',
    'src/scheduling',
    'src/ledger',
    'src/chip',
    'src/board',
    'src/config',
    'src/core',
    'calibration',
    'firmware-protocol',
  ],
  'src/daemon': [
    'calibration',
    'src/training',
    'src/report',
    'src/settling',
    'src/influx',
    'src/store',
    'src/scheduling',
    'src/ledger',
    'src/chip',
    'src/board',
    'src/transport',
    'src/config',
    'src/core',
  ],
  // What a browser can load of them; its own compiler settings know nothing of Node.
  'src/daemon/web': [
    'src/daemon',
    'calibration',
    'src/training',
    'src/ledger',
    'src/board',
    'src/config',
    'src/core',
  ],
  'src/cli': [
    'src/daemon',
    'calibration',
    'src/calibrating',
    'src/chip',
    'src/influx',
    'src/comparing',
    'src/ledger',
    'src/settling',
    'src/soak',
    'src/training',
    'src/report',
    'src/store',
    'src/board',
    'src/transport',
    'src/config',
    'src/core',
  ],
};

const roomOf = (path: string) => {
  if (path.startsWith('src/daemon/web/')) return 'src/daemon/web';
  const [top = '', folder = ''] = path.split('/');
  return top === 'src' ? `src/${folder}` : top;
};

const importsOf = (file: string, pattern: RegExp) =>
  Array.from(textOf(file).matchAll(pattern), ([, target = '']) =>
    relative(root, resolve(root, dirname(file), target)),
  );
const staticImports = (file: string) => importsOf(file, /(?:from|^import) '(\.[^']+)'/gm);
const MOCKS_LOADER = 'src/transport/mock.ts';
const dynamicImports = (file: string) => importsOf(file, /\bimport\('(\.[^']+)'\)/g);

test('every room is known', () => {
  expect(files.length).toBeGreaterThan(60);
  expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(allowed).sort());
});

test.each(files)('%s imports only what lies below it', (file) => {
  const room = roomOf(file);
  const later = file === MOCKS_LOADER ? [] : dynamicImports(file);
  const outside = [...staticImports(file), ...later].filter(
    (target) => roomOf(target) !== room && !allowed[room]?.includes(roomOf(target)),
  );
  expect(outside).toEqual([]);
});

test('src reaches mocks in one place, and only when asked', () => {
  const loaders = files.filter((file) => dynamicImports(file).some((target) => roomOf(target) === 'mocks'));
  expect(loaders).toEqual([MOCKS_LOADER]);
  expect(dynamicImports(MOCKS_LOADER)).toEqual(['mocks/index.ts']);
});

test('no file is two ideas: none is past 400 lines', () => {
  expect(files.filter((file) => textOf(file).split('\n').length > 400)).toEqual([]);
});

test('quantities carry their unit in their name', () => {
  const bare =
    /\b(voltage|amplitude|energy|current|width|capacitance|charge|temperature|time)\??: (number|bigint)\b/;
  expect(files.filter((file) => bare.test(textOf(file)))).toEqual([]);
});

test('only the command line, and a process of its own, write to the console or end the process', () => {
  const offenders = files.filter(
    (file) =>
      !file.startsWith('src/cli/') &&
      file !== 'src/daemon/worker/main.ts' &&
      /\bconsole\.|process\.(exit|stdout|stderr)\b/.test(textOf(file)),
  );
  expect(offenders).toEqual([]);
});

describe('README.md', () => {
  const readme = textOf('README.md');

  test('lists every error with its exit status', () => {
    const rows = Object.entries(errorKinds).map(
      ([code, { exitCode, meaning }]) => `| ${exitCode} | \`${code}\` | ${meaning} |`,
    );
    expect(readme).toContain(rows.join('\n'));
  });

  test('lists every command', () => {
    const commands = files.filter((file) => file.startsWith('src/cli/commands/'));
    expect(commands.length).toBeGreaterThan(4);
    for (const file of commands)
      expect(readme).toContain(`\`fnloop ${file.split('/').at(-1)?.replace('.ts', '')}`);
  });
});

test('ARCHITECTURE.md follows one update through files that exist', () => {
  const named = [
    ...textOf('src/ARCHITECTURE.md').matchAll(
      /`((?:src|mocks|calibration|firmware-protocol)\/[\w./-]+\.ts)`/g,
    ),
  ];
  expect(named.length).toBeGreaterThan(15);
  for (const [, file] of named) expect(files).toContain(file);
});
