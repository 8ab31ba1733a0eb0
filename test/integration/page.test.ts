import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtPage, servedPage } from '../../src/daemon/api/page.ts';
import type { LabEvent } from '../../src/daemon/lab.ts';
import { launchChromium } from '../support/chromium.ts';
import { daemonConfig, servedMock, startDaemon } from '../support/daemon.ts';
import { roleTokens, secretOf, startApi } from '../support/daemon-api.ts';
import { startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { accessibilityFaults, openPage } from '../support/page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const PATIENCE = { timeout: 30_000 };
const built = join(import.meta.dirname, '..', '..', 'dist', 'src', 'daemon', 'web');

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const itemOf = (page: Page, board: string) =>
  page.getByRole('list', { name: 'Boards' }).getByRole('listitem').filter({ hasText: board });

/** Asks for a run of the shipped experiment by the form. */
async function startByForm(page: Page, board: string, steps: number): Promise<void> {
  await page.getByRole('link', { name: 'Start a run', exact: true }).click();
  await page.getByRole('combobox', { name: 'board' }).selectOption(board);
  await page.getByLabel('steps').fill(String(steps));
  await button(page, 'Start').click();
}

test('a run is planned and started from the page, watched to its end, and its report opened; runs are compared', async () => {
  const { mock, address } = await servedMock(1);
  const { file } = daemonConfig({ left: address });
  const { ready } = await startDaemon(file);
  const { page, seen } = await openPage(browser, ready.address);
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);

  await page.getByRole('link', { name: 'Start a run', exact: true }).click();
  await page.getByLabel('steps').fill('30');
  await page.getByLabel('policy').selectOption('constant-step');
  await button(page, 'Preview the plan').click();
  await page.getByText('It would be accepted. Nothing has been sent.').waitFor(PATIENCE);
  expect(await page.getByRole('row', { name: /^plan/ }).innerText()).toContain(
    'policy constant-step, seed 1',
  );
  expect(mock.pulsesApplied(0, 'SET') + mock.pulsesApplied(0, 'RESET')).toBe(0);
  await button(page, 'Start').click();
  await page.getByRole('heading', { name: 'Last run' }).waitFor(PATIENCE);
  await page.getByText('step 30 of 30').waitFor(PATIENCE);
  const accuracy = await page.locator('.tiles dd').first().innerText();
  expect(Number.parseFloat(accuracy)).toBeGreaterThan(90);
  // What the charts show is told to those who do not see them.
  expect(await page.getByRole('img', { name: /^Accuracy/ }).getAttribute('aria-label')).toContain(
    `test ${accuracy}`,
  );
  expect(await page.getByRole('img', { name: /^Energy/ }).getAttribute('aria-label')).toMatch(
    /measured \(full-cycle\) \S+ fJ, .*bound matched \S+ zJ/,
  );
  await page.getByLabel('Show').selectOption('pulses');
  await page.getByRole('application').press('ArrowRight');
  const pulses = mock.pulsesApplied(1, 'SET') + mock.pulsesApplied(1, 'RESET');
  await page.getByText(`Cell 1, row 0, column 1`).waitFor(PATIENCE);
  expect(await page.locator('#cell-shown').innerText()).toContain(`pulses ${pulses},`);

  const opening = page.context().waitForEvent('page');
  await button(page, /^Report of/)
    .first()
    .click();
  const report = await opening;
  await report.waitForLoadState();
  expect(await report.locator('h1').innerText()).toContain(`${accuracy} test accuracy`);

  await startByForm(page, 'left', 20);
  await page.getByText('step 20 of 20').waitFor(PATIENCE);
  await page.getByRole('link', { name: 'Runs' }).click();
  await expect.poll(() => page.getByRole('checkbox').count(), PATIENCE).toBe(2);
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await page.getByRole('row', { name: /^policy.*matched.*constant-step/ }).waitFor(PATIENCE);
  await page.getByLabel('policy').selectOption('matched');
  await expect.poll(() => page.getByRole('checkbox').count(), PATIENCE).toBe(1);
  expect(seen).toEqual([]);
});

test('a run is paused, made safe, goes on and is stopped from the page', async () => {
  const { mock, address, batches } = await servedMock(1);
  const { file } = daemonConfig({ left: address });
  const { ready } = await startDaemon(file);
  const { page, seen } = await openPage(browser, ready.address);
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);
  await startByForm(page, 'left', 100_000);
  await itemOf(page, 'left').getByText('running').waitFor(PATIENCE);
  await expect.poll(batches, PATIENCE).toBeGreaterThan(10);

  await page.getByRole('link', { name: 'Runs' }).click();
  await button(page, 'SAFE left').click();
  await itemOf(page, 'left').getByText('paused').waitFor(PATIENCE);
  await page.getByText('left: outputs at rest, disarmed').waitFor(PATIENCE);
  expect(mock.isArmed).toBe(false);
  const atRest = batches();

  await page.getByRole('link', { name: 'Boards' }).click();
  await page.locator('.run-head').getByText('paused').waitFor(PATIENCE);
  expect(batches()).toBe(atRest);
  await page.locator('.run-head').getByRole('button', { name: 'Go on' }).click();
  await expect.poll(batches, PATIENCE).toBeGreaterThan(atRest);

  // One press asks whether it is meant; leaving the button takes that back.
  const stop = itemOf(page, 'left').getByRole('button', { name: 'j1 on left' });
  await stop.click();
  expect(await stop.innerText()).toBe('Really stop?');
  await page.getByLabel('Show').focus();
  expect(await stop.innerText()).toBe('Stop');
  await stop.click();
  await stop.click();
  await page.locator('.run-head').getByText('stopped').waitFor(PATIENCE);
  await expect.poll(() => mock.isArmed, PATIENCE).toBe(false);
  expect(seen).toEqual([]);
});

test('a board that is unplugged is seen to go and come back, and its run to end; so is the daemon', async () => {
  const folder = temporaryFolder();
  const faults = join(folder, 'faults.yaml');
  writeFileSync(faults, 'at: [{ fault: unplug, afterPulses: 400, forMs: 5000 }]\n');
  const pty = join(folder, 'board');
  const { ready: board } = await startMock('--pty', pty, '--seed', '3', '--faults', faults);
  const { file } = daemonConfig({ left: board.address });
  const daemon = await startDaemon(file);
  const { page } = await openPage(browser, daemon.ready.address);
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);
  await startByForm(page, 'left', 60);
  await itemOf(page, 'left').getByText('connecting').waitFor(PATIENCE);
  await page.getByText('step 60 of 60').waitFor(PATIENCE);
  await page.getByRole('row', { name: /^reconnects/ }).waitFor(PATIENCE);
  daemon.child.kill('SIGTERM');
  await page.getByText('Connection lost, trying again.').waitFor(PATIENCE);
});

test('where tokens are wanted the page asks for one, keeps it for its tab, and says what its role may not', async () => {
  const { url, lab } = await startApi({ tokens: roleTokens, page: servedPage(built) });
  const { page, seen } = await openPage(browser, url);
  const token = page.getByLabel('Token of this daemon');
  await token.fill('wrong');
  await button(page, 'Use it').click();
  await page.getByText('This daemon does not know that token.').waitFor(PATIENCE);
  await token.fill(secretOf('read'));
  await button(page, 'Use it').click();
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);
  await page.reload();
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);
  await button(page, 'SAFE left').click();
  await page
    .getByText('SAFE left was NOT confirmed: This needs the role run, and the-reader has read.')
    .waitFor(PATIENCE);
  expect(lab.asked).toEqual([]);
  expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
  // A browser tells of refused requests by itself.
  expect(seen.filter((line) => !/status of 40[13]|^40[13] /.test(line))).toEqual([]);
});

/** `fetch` would say of itself where it comes from. */
const statusOf = (url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });

test('only the page may be visited from elsewhere, and only what was built is served', async () => {
  const { ask, url } = await startApi({ page: servedPage(built) });
  const elsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  expect(await statusOf(`${url}/`, elsewhere)).toBe(200);
  const text = await (await ask('GET', '/')).text();
  const [, script = ''] = /src="\.(\/assets\/[^"]+\.js)"/.exec(text) ?? [];
  expect((await ask('GET', script)).headers.get('content-type')).toContain('javascript');
  expect(await statusOf(`${url}${script}`, elsewhere)).toBe(403);
  for (const path of [
    '/assets/none.js',
    '/assets/../../cli/main.js',
    '/assets/%2e%2e/index.html',
    '//etc/passwd',
  ])
    expect((await ask('GET', path)).status).toBe(404);
  expect(() => servedPage(temporaryFolder())).toThrow('The page is not built');
  expect(builtPage).toContain(join('src', 'daemon', 'web'));
});

/** A step of ten updates of a job on the left board. */
const stepOf = (job: string, step: number): LabEvent => ({
  kind: 'step',
  board: 'left',
  job,
  runId: 'r-1',
  step,
  trainAccuracy: 1 - 1 / (step + 1),
  testAccuracy: 1 - 1 / (step + 2),
  updates: 10,
  updatesSoFar: 10 * step,
  energyPerUpdateFJ: 8,
  boundsPerUpdateZJ: { matched: step },
  timeNs: '1',
});

test.each([
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
] as const)('every part is accessible, and fits, at $width px in $colorScheme', async (look) => {
  const { url, lab } = await startApi({ page: servedPage(built) });
  const { id } = lab.put({ runId: 'r-1', state: 'running' });
  lab.set('right', { state: 'fault', reason: 'It answers something else.' });
  const { page, seen } = await openPage(browser, url, look);
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);
  for (let step = 0; step <= 20; step += 1) lab.news.next(stepOf(id, step));
  await page.getByText('step 20', { exact: true }).first().waitFor(PATIENCE);
  for (const part of ['#/boards/left', '#/boards/right', '#/runs', '#/start']) {
    await page.goto(`${url}/${part}`);
    if (part === '#/start') {
      await button(page, 'Preview the plan').click();
      await page.getByRole('heading', { name: 'Plan' }).waitFor(PATIENCE);
    }
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(look.width);
  }
  expect(seen).toEqual([]);
});

test('everything is reached by keyboard', async () => {
  const { url, lab } = await startApi({ page: servedPage(built) });
  const { page } = await openPage(browser, url);
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);
  const focused = async () => {
    await page.keyboard.press('Tab');
    return (await page.evaluate(
      "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()",
    )) as string;
  };
  const reached: string[] = [];
  for (let press = 0; press < 14; press += 1) {
    const name = await focused();
    reached.push(name);
    if (name === 'SAFE left') await page.keyboard.press('Enter');
  }
  expect(reached.slice(0, 11)).toEqual([
    'Skip to content',
    'SAFE all',
    'SAFE left',
    'left',
    'SAFE right',
    'right',
    'Boards',
    'Runs',
    'Start a run',
    'local (admin)',
    'colors: auto',
  ]);
  await expect.poll(() => lab.asked).toEqual(['safe left']);
});

test('a thousand updates a second reach the page, and only as many points as are seen stay there', async () => {
  const { url, lab } = await startApi({ page: servedPage(built) });
  const { id } = lab.put({ runId: 'r-1', state: 'running' });
  const { page, seen } = await openPage(browser, url);
  await itemOf(page, 'left').getByText('ready').waitFor(PATIENCE);
  const STEPS = 5_000;
  for (let step = 0; step <= STEPS; step += 1) {
    lab.news.next(stepOf(id, step));
    if (step % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await page.getByText(`step ${STEPS}`, { exact: true }).first().waitFor(PATIENCE);
  expect(seen).toEqual([]);
});
