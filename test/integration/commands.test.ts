import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boundNames } from '../../calibration/bounds/training-bounds.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { launchChromium } from '../support/chromium.ts';
import { fnloop, fnloopJson, startFnloop, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

let runs: string;
let summary: RunSummary;
beforeAll(async () => {
  runs = mkdtempSync(join(tmpdir(), 'fnloop-runs-'));
  summary = await fnloopJson<RunSummary>('train', 'breast-cancer', '--steps', '30', '--runs', runs);
});
afterAll(() => rmSync(runs, { recursive: true, force: true }));

describe('fnloop runs', () => {
  test('list and show say what train said', async () => {
    expect(await fnloopJson('runs', 'list', '--runs', runs)).toEqual([summary]);
    expect(await fnloopJson('runs', 'show', 'last', '--runs', runs)).toEqual({ ...summary, shipping: [] });
    const { stdout } = await fnloop('runs', 'list', '--runs', runs);
    expect(stdout).toContain(summary.runId);
    expect((await fnloop('runs', 'show', summary.runId, '--runs', runs)).stdout).toContain(
      'energy (full-cycle)',
    );
  });

  test.each(['parquet', 'csv'])('export to %s gives every update', async (format) => {
    const file = join(temporaryFolder(), `it's.${format}`);
    expect(await fnloopJson('runs', 'export', 'last', `--${format}`, file, '--runs', runs)).toEqual({
      file,
      table: 'updates',
      rows: summary.updates,
    });
    const connection = await (await DuckDBInstance.create()).connect();
    const reader = await connection.runAndReadAll(
      `SELECT count(*)::INT AS rows, sum(energy_full_cycle_fj) AS total, any_value(source) AS source FROM '${file.replace("'", "''")}'`,
    );
    expect(reader.getRowObjectsJS()).toEqual([
      {
        rows: summary.updates,
        total: expect.closeTo(summary.energyFJ['full-cycle'].total, 6),
        source: 'mock',
      },
    ]);
  });

  test('export overwrites nothing, least of all the run', async () => {
    const { code, stderr } = await fnloop('runs', 'export', 'last', '--csv', summary.file, '--runs', runs);
    expect(code).toBe(5);
    expect(stderr).toContain('exists already');
    expect(await fnloopJson('runs', 'show', 'last', '--runs', runs)).toEqual({ ...summary, shipping: [] });
  });

  test('a run that goes on is said to be in use', async () => {
    const own = temporaryFolder();
    const { child, ended } = startFnloop('train', 'breast-cancer', '--steps', '100000', '--runs', own);
    if (child.stderr === null) throw new Error('no stderr');
    await once(child.stderr, 'data');
    expect(await fnloop('runs', 'show', 'last', '--runs', own)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('error (run-in-use)'),
    });
    expect((await fnloop('runs', 'list', '--runs', own)).stdout).toContain('run-in-use');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect((await fnloop('runs', 'show', 'last', '--runs', own)).stdout).toContain('(interrupted)');
  });

  test('export without a destination, or of an unknown run', async () => {
    expect(await fnloop('runs', 'export', 'last', '--runs', runs)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--parquet FILE'),
    });
    expect(await fnloop('runs', 'show', 'nothing', '--runs', runs)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no run 'nothing'"),
    });
  });

  test('a run file that was damaged is said to be, and hides no other', async () => {
    const folder = join(runs, '20200101-000000-broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'run.duckdb'), 'garbage');
    const listed = await fnloopJson<Record<string, unknown>[]>('runs', 'list', '--runs', runs);
    expect(listed).toEqual([
      {
        runId: '20200101-000000-broken',
        unreadable: expect.stringContaining('Cannot open'),
        code: 'record-failed',
      },
      summary,
    ]);
    expect((await fnloop('runs', 'show', folder)).code).toBe(5);
  });
});

test('the report opens without script, requests or errors, and shows the numbers of the summary', async () => {
  const { report } = await fnloopJson<{ report: string }>('runs', 'report', 'last', '--runs', runs);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    page.on('console', (message) => seen.push(message.text()));
    page.on('pageerror', (error) => seen.push(error.message));
    await page.goto(`file://${report}`);
    expect(seen).toEqual([`file://${report}`]);
    expect(await page.title()).toBe(summary.runId);
    expect(await page.locator('.banner').innerText()).toContain('Mock data');
    expect(await page.locator('h1').innerText()).toContain(
      `${(100 * (summary.accuracy.test ?? 0)).toFixed(1)} % test accuracy`,
    );
    expect(await page.locator('tr', { hasText: 'updates' }).first().innerText()).toContain(
      String(summary.updates),
    );
    for (const id of ['accuracy', 'energy', 'ratio', 'waterfall', 'energy-accuracy', 'sizes', 'weights']) {
      const box = await page.locator(`#${id} svg`).boundingBox();
      expect(box?.width).toBeGreaterThan(300);
      expect(await page.locator(`#${id} svg path`).count()).toBeGreaterThan(10);
    }
    for (const name of boundNames)
      expect(await page.locator('#energy').innerText()).toContain(`bound (${name})`);
    expect(await page.locator('.subtotal', { hasText: 'cells in all' }).innerText()).toContain('100.0 %');
  } finally {
    await browser.close();
  }
});

describe('fnloop info', () => {
  test('shows board, firmware, limits and link', async () => {
    const { ready } = await startMock('--tcp', '127.0.0.1:0', '--cells', '24', '--seed', '9');
    const info = await fnloopJson('info', '--board', ready.address);
    expect(info).toMatchObject({
      boardId: 'dam-a:9',
      source: 'mock',
      rows: 3,
      columns: 8,
      armed: 'no',
      badLines: 0,
      link: { badChecksums: 0, timeouts: 0 },
    });
    expect((await fnloop('info', '--board', ready.address)).stdout).toContain('maxAmplitudeV');
  });

  test('needs an address', async () => {
    expect(await fnloop('info')).toMatchObject({ code: 2, stderr: expect.stringContaining('--board') });
  });
});

test('fnloop ports lists what there is', async () => {
  expect(Array.isArray(await fnloopJson('ports'))).toBe(true);
  expect((await fnloop('ports')).stdout).toMatch(/serial|No serial ports/);
});

test('fnloop --help and --version', async () => {
  const { code, stdout } = await fnloop('--help');
  expect(code).toBe(0);
  for (const command of ['train', 'plan', 'runs', 'ports', 'info', 'safe', 'mock'])
    expect(stdout).toContain(`  ${command}`);
  expect((await fnloop('--version')).stdout.trim()).toBe('0.1.0');
  expect((await fnloop('trian')).code).toBe(2);
});
