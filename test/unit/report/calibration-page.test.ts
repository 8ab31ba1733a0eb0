import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verdicts } from '../../../calibration/fit/verdict.ts';
import type { Calibration } from '../../../src/chip/calibration.ts';
import { comparisons } from '../../../src/report/calibration/comparison.ts';
import { writeCalibrationReport } from '../../../src/report/write-calibration-report.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { damA, damAStress, syntheticCalibration } from '../../support/synthetic-calibration.ts';

async function pageOf(calibration: Calibration): Promise<string> {
  const folder = temporaryFolder();
  const path = await writeCalibrationReport(calibration, folder);
  expect(path).toBe(join(folder, 'calibration.html'));
  return readFileSync(path, 'utf8');
}

/** Tags that are open at the end, or the first that closes another one. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const body = page.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '');
  for (const [, slash, name = '', rest = ''] of body.matchAll(/<(\/?)([a-zA-Z]\w*)([^>]*)>/g)) {
    if (slash === '/') {
      const last = open.pop();
      if (last !== name) return [`</${name}> ends <${last}>`];
    } else if (!rest.endsWith('/') && name !== 'meta') open.push(name);
  }
  return open;
}

describe('the page of a calibration', () => {
  const masked = { 3: 'dead', 9: 'leaky', 10: 'not-fowler-nordheim' } as const;
  const calibration = syntheticCalibration(damA, { masked });

  test('is well formed and loads nothing', async () => {
    const page = await pageOf(calibration);
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|\bsrc=|javascript:/i);
    expect(
      page.match(/https?:\/\/[^"\s]+/g)?.filter((address) => !address.startsWith('http://www.w3.org/')),
    ).toEqual([]);
    expect(/NaN|undefined|\[object/.test(page)).toBe(false);
  });

  test('says in words and numbers what came out', async () => {
    const page = await pageOf(calibration);
    expect(page).toContain('61 of 64 nodes are good; median k2 = ');
    for (const { name, median } of comparisons(calibration, damA).slice(0, 4)) {
      expect(page).toContain(`<th scope="row">${name}</th><td>${median.toPrecision(5).replace('e+', 'e')}`);
    }
    expect(page).toContain('Mock data');
    expect(page).toContain('3 of 64 nodes are masked');
    expect(page).toContain('<td>node R of cell 1</td><td>dead</td>');
    // Reasons are text, not markup.
    expect(page).toContain('with &lt;tunneling&gt; alone &amp; falls');
    for (const meaning of Object.values(verdicts)) expect(page).toContain(meaning);
    expect(page).toContain('<code>20261122-075012-000-calibrate-s1</code>');
    expect(page).toContain('1000 fF ± 2.0 %');
    expect(page).toContain('2026-12-22 07:53:20Z');
  });

  test('is the same each time, and no id is in it twice', async () => {
    const page = await pageOf(calibration);
    expect((await pageOf(calibration)) === page).toBe(true);
    const ids = Array.from(page.matchAll(/\bid="([^"]+)"/g), ([, id]) => id);
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(target);
  });

  test('of 512 cells with 150 readings each is below 3 MB', async () => {
    const page = await pageOf(syntheticCalibration(damAStress, { rows: 64, columns: 8 }));
    expect(page.length).toBeLessThan(3e6);
    expect(page).not.toContain('are masked');
  });

  test('of a board, without masked nodes and without a sensor, has no banner', async () => {
    const { board, ...rest } = syntheticCalibration(damA, { rows: 1, columns: 1, points: 12, sensor: false });
    const page = await pageOf({ ...rest, board: { ...board, source: 'board' } });
    expect(page).not.toContain('class="banner"');
    expect(page).toContain('the board has no sensor');
    expect(unbalanced(page)).toEqual([]);
  });

  test('is written also where no node is good', async () => {
    const all = Object.fromEntries(Array.from({ length: 64 }, (_, node) => [node, 'dead' as const]));
    const page = await pageOf(syntheticCalibration(damA, { masked: all }));
    expect(page).toContain('0 of 64 nodes are good.');
    expect(/NaN|undefined/.test(page)).toBe(false);
    expect(page.match(/<figure id="[^"]+"/g)).toEqual(['<figure id="map-verdict"']);
    expect(unbalanced(page)).toEqual([]);
  });

  test('says where it cannot be written, and of which device nothing is known', async () => {
    await expect(writeCalibrationReport(calibration, join(temporaryFolder(), 'none'))).rejects.toMatchObject({
      code: 'record-failed',
    });
    await expect(
      writeCalibrationReport({ ...calibration, device: 'dam-z' }, temporaryFolder()),
    ).rejects.toMatchObject({ code: 'calibration-invalid' });
  });
});
