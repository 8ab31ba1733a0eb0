import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeCalibrationReport } from '../../src/report/write-calibration-report.ts';
import { launchChromium } from '../support/chromium.ts';
import { temporaryFolder } from '../support/folder.ts';
import { damA, syntheticCalibration } from '../support/synthetic-calibration.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** The page of that array at that width of the window, and all that it asked for or complained about. */
async function opened(rows: number, columns: number, width: number): Promise<{ page: Page; seen: string[] }> {
  const calibration = syntheticCalibration(damA, { rows, columns, points: 40, masked: { 1: 'leaky' } });
  const path = await writeCalibrationReport(calibration, temporaryFolder());
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url()));
  page.on('console', (message) => seen.push(message.text()));
  page.on('pageerror', (error) => seen.push(error.message));
  await page.goto(`file://${path}`);
  return { page, seen: seen.filter((line) => line !== `file://${path}`) };
}

test.each([
  { rows: 1, columns: 8, width: 400 },
  { rows: 8, columns: 8, width: 1280 },
  { rows: 16, columns: 32, width: 400 },
])('the page of $rows × $columns cells opens at $width px, with every figure and nothing cut off', async ({
  rows,
  columns,
  width,
}) => {
  const { page, seen } = await opened(rows, columns, width);
  expect(seen).toEqual([]);
  expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(width);
  expect(await page.locator('h1').innerText()).toContain(
    `${2 * rows * columns - 1} of ${2 * rows * columns} nodes`,
  );
  const ids = ['fowler-nordheim', 'residuals', 'pulses', 'map-k2', 'map-rate', 'map-coupling', 'map-verdict'];
  for (const id of ids) {
    const box = await page.locator(`#${id} svg`).boundingBox();
    expect(box?.width, id).toBeGreaterThan(150);
    expect((box?.x ?? 0) + (box?.width ?? 0), id).toBeLessThanOrEqual(width);
    expect((await page.locator(`#${id} figcaption`).innerText()).length, id).toBeGreaterThan(80);
  }
  for (const id of ids.filter((name) => name.startsWith('map'))) {
    expect(await page.locator(`#${id} svg text`, { hasText: /^L$/ }).count(), id).toBe(1);
  }
  expect(await page.locator('#spread svg').count()).toBe(3);
  await page.close();
});
