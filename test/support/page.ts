import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

export interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly hasTouch?: boolean;
}

/** Opens the daemon's page in a window of its own; `seen` has whatever it complained about or asked of others. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, colorScheme = 'light', hasTouch = false }: Look = {},
): Promise<{ readonly page: Page; readonly seen: readonly string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, hasTouch });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const seen: string[] = [];
  page.on('console', (message) => seen.push(`${message.type()}: ${message.text()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) seen.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  page.on('pageerror', (error) => seen.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) seen.push(request.url());
  });
  await page.goto(url);
  return { page, seen };
}

/** What axe finds serious or critical, each a line. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
