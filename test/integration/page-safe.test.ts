import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FnloopError } from '../../src/core/errors.ts';
import { servedPage } from '../../src/daemon/api/page.ts';
import { launchChromium } from '../support/chromium.ts';
import { daemonConfig, enqueue, servedMock, startDaemon } from '../support/daemon.ts';
import { startApi } from '../support/daemon-api.ts';
import { gateTo } from '../support/gate.ts';
import { accessibilityFaults, openPage } from '../support/page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const PATIENCE = { timeout: 20_000 };
const built = join(import.meta.dirname, '..', '..', 'dist', 'src', 'daemon', 'web');

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const strip = (page: Page) => page.getByRole('list', { name: 'Boards' });
const stopOf = (page: Page, job: string) => strip(page).getByRole('button', { name: `${job} on` });
const lost = (page: Page) => page.getByText('Connection lost, trying again.');
const live = (page: Page) => page.getByText('live', { exact: true });

interface Spot {
  readonly x: number;
  readonly y: number;
}

async function middleOf(where: Locator): Promise<Spot> {
  const box = await where.boundingBox();
  if (box === null) throw new Error('not on the page');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** How somebody presses: at a spot that was seen before, or by a key. */
interface Hand {
  readonly name: string;
  readonly look: { readonly width: number; readonly hasTouch?: boolean };
  readonly stop: (page: Page, stop: Locator) => Promise<void>;
  /** Times that it is pressed after the stream of events was cut, and as often while the daemon is away. */
  readonly reconnecting: number;
  readonly safe: (page: Page, safe: Locator, seen: Spot, turn: number) => Promise<void>;
}

const hands: readonly Hand[] = [
  {
    name: 'mouse',
    reconnecting: 4,
    look: { width: 1280 },
    stop: (_, stop) => stop.click(),
    safe: (page, _, { x, y }) => page.mouse.click(x, y),
  },
  {
    name: 'touch',
    reconnecting: 4,
    look: { width: 390, hasTouch: true },
    stop: (_, stop) => stop.tap(),
    safe: (page, _, { x, y }) => page.touchscreen.tap(x, y),
  },
  {
    name: 'keyboard',
    reconnecting: 3,
    look: { width: 1280 },
    stop: (_, stop) => stop.press('Enter'),
    safe: async (page, safe, _, turn) => {
      await safe.focus();
      await page.keyboard.press(turn % 2 === 0 ? 'Enter' : 'Space');
    },
  },
];

type BoardName = 'left' | 'right';

/** Two boards in the middle of runs, of a daemon behind a gate. */
async function twoBoards() {
  const served = { left: await servedMock(1), right: await servedMock(2) };
  const { file, runs } = daemonConfig({ left: served.left.address, right: served.right.address });
  enqueue(runs, 'left', served.left.address, 1_000_000);
  enqueue(runs, 'right', served.right.address, 1_000_000);
  const { ready, child } = await startDaemon(file);
  /** Pulses are under way. */
  const goOn = async (name: BoardName) => {
    const job = name === 'left' ? 'j1' : 'j2';
    while (!served[name].mock.isArmed) {
      // It is refused until the run is paused.
      await fetch(`${ready.address}/api/v1/jobs/${job}/resume`, { method: 'POST' });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { served, child, goOn, gate: await gateTo(ready.address) };
}

/** Counts presses that were confirmed, by the answers of the daemon. */
function answersOf(page: Page): () => number {
  let answered = 0;
  page.on('response', (response) => {
    if (response.ok() && /\/boards\/\w+\/safe$/.test(response.url())) answered += 1;
  });
  return () => answered;
}

test('each of 100 presses of SAFE reaches its board: after Stop, of the next board, while reconnecting; by mouse, touch, keyboard', async () => {
  const { served, gate, goOn } = await twoBoards();
  const missed: string[] = [];
  let pressed = 0;
  const underWay = { left: goOn('left'), right: goOn('right') };
  for (const hand of hands) {
    const { page } = await openPage(browser, gate.url, hand.look);
    const answers = answersOf(page);
    const stop = stopOf(page, 'j1');
    await stop.waitFor(PATIENCE);
    /** Where SAFE is seen to be, something else happens, and SAFE is pressed there. */
    const press = async (
      what: string,
      board: BoardName,
      before: () => Promise<void>,
      after?: () => Promise<void>,
    ) => {
      await underWay[board];
      const safe = button(page, `SAFE ${board}`);
      const [seen, answered] = [await middleOf(safe), answers()];
      await before();
      pressed += 1;
      await hand.safe(page, safe, seen, pressed);
      await after?.();
      await expect
        .poll(() => answers() > answered && !served[board].mock.isArmed, { timeout: 3_000, interval: 5 })
        .toBe(true)
        .catch(() => missed.push(`${pressed}: ${hand.name}, ${what}`));
      underWay[board] = goOn(board);
    };
    for (let turn = 0; turn < 13; turn += 1) {
      await press('after Stop', 'left', () => hand.stop(page, stop));
      await press('of the next board', 'right', () => hand.stop(page, stop));
    }
    for (let turn = 0; turn < hand.reconnecting; turn += 1) {
      await press('stream cut', 'left', async () => gate.cut());
      const failed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/safe'));
      await press(
        'daemon away',
        'right',
        async () => gate.shut(),
        async () => {
          await failed;
          gate.open();
        },
      );
    }
    // Neither a click after a pointer nor a key that is let go is another press.
    expect(answers()).toBe(26 + 2 * hand.reconnecting - missed.length);
  }
  await Promise.all([underWay.left, underWay.right]);
  expect(missed).toEqual([]);
  expect(pressed).toBe(100);
}, 120_000);

test('a page that has lost its daemon says so, shows no state as present, and SAFE alone goes on being tried', async () => {
  const { child, gate, served } = await twoBoards();
  const { page } = await openPage(browser, gate.url);
  await expect.poll(() => strip(page).getByText('running').count(), PATIENCE).toBe(2);
  await page.getByRole('heading', { name: 'Run', exact: true }).waitFor(PATIENCE);
  const seen = await middleOf(button(page, 'SAFE right'));
  await stopOf(page, 'j1').click();
  // It hangs: connections stay, and nothing is answered.
  child.kill('SIGSTOP');
  await lost(page).waitFor(PATIENCE);
  await page.getByText(/heard \d+ s ago/).waitFor(PATIENCE);

  expect(await page.locator('.state').allInnerTexts()).not.toContainEqual(
    expect.stringMatching(/^\W*running/),
  );
  expect(await strip(page).getByText('last known: running').count()).toBe(2);
  expect(await page.locator('.good').count()).toBe(0);
  expect(await page.getByText(/^last known: step/).count()).toBe(1);
  const alive = await page.locator('button:enabled:visible').allInnerTexts();
  expect(alive).toEqual(['SAFE all', 'SAFE', 'SAFE', 'local (admin)', 'colors: auto']);
  expect(await middleOf(button(page, 'SAFE right'))).toEqual(seen);
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.mouse.click(seen.x, seen.y);
  await page.getByText(/SAFE right is NOT confirmed yet, pressed \d+ s ago: trying again/).waitFor(PATIENCE);
  child.kill('SIGCONT');
  await page.getByText(/right: outputs at rest, disarmed, confirmed after \d+\.\d\d s/).waitFor(PATIENCE);
  expect(served.right.mock.isArmed).toBe(false);
  await live(page).waitFor(PATIENCE);
  // What was asked of somebody before is asked anew.
  expect(await stopOf(page, 'j1').innerText()).toBe('Stop');
});

test('a SAFE that is not confirmed for half a minute is told of, with what to do', async () => {
  const { url } = await startApi({ page: servedPage(built) });
  const gate = await gateTo(url);
  const { page } = await openPage(browser, gate.url);
  await page.clock.install();
  await strip(page).getByText('ready').first().waitFor(PATIENCE);
  gate.shut();
  await lost(page).waitFor(PATIENCE);
  await button(page, 'SAFE left').click();
  const told = page.getByRole('alert').filter({ hasText: 'SAFE left was NOT confirmed' });
  await expect
    .poll(async () => {
      await page.clock.fastForward(5_000);
      return told.count();
    }, PATIENCE)
    .toBe(1);
  expect(await told.innerText()).toContain(
    'At the bench, run fnloop safe --board mock:dam-a?cells=64&seed=4, or switch the supply off.',
  );
});

test('SAFE does not wait for a connection that other tabs and other questions hold', async () => {
  const { url, lab } = await startApi({ page: servedPage(built) });
  lab.plan = () => new Promise(() => {});
  const { page } = await openPage(browser, url);
  // A browser opens six connections to a host: each tab holds one for its events.
  for (let tab = 0; tab < 4; tab += 1) {
    const other = await page.context().newPage();
    await other.goto(url);
    await strip(other).getByText('ready').first().waitFor(PATIENCE);
  }
  await page.bringToFront();
  await page.getByRole('link', { name: 'Start a run', exact: true }).click();
  await button(page, 'Preview the plan').click();
  await button(page, 'SAFE left').click();
  await expect.poll(() => lab.asked, { timeout: 3_000 }).toContain('safe left');
});

test.each([
  { width: 1280, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const)('nothing moves SAFE or covers it, at $width px', async (look) => {
  const { url, lab } = await startApi({ page: servedPage(built) });
  const job = lab.put({ runId: 'r-1', state: 'running' });
  const gate = await gateTo(url);
  const { page } = await openPage(browser, gate.url, look);
  await strip(page).getByText('ready').first().waitFor(PATIENCE);
  const names = ['SAFE left', 'SAFE right', 'SAFE all'];
  const seen = await Promise.all(names.map((name) => middleOf(button(page, name))));
  const check = async (after: string) => {
    for (const [index, name] of names.entries()) {
      const at = seen[index] ?? { x: 0, y: 0 };
      expect(await middleOf(button(page, name)), `${name} ${after}`).toEqual(at);
      const there = `document.elementFromPoint(${at.x}, ${at.y}).closest('button')?.getAttribute('aria-label')`;
      expect(await page.evaluate(there), `${name} ${after}`).toBe(name);
    }
  };
  await stopOf(page, job.id).click();
  await check('while Stop asks back');
  lab.set('left', { state: 'quarantined', reason: 'x'.repeat(400) });
  lab.change(job.id, { state: 'paused', reason: 'y'.repeat(400) });
  await strip(page).getByText('quarantined').waitFor(PATIENCE);
  await check('with another state');
  for (let board = 3; board <= 16; board += 1) lab.set(`a-board-of-a-longer-name-${board}`, {});
  await button(page, 'SAFE a-board-of-a-longer-name-16').waitFor(PATIENCE);
  await check('with sixteen boards');
  lab.change(job.id, { state: 'failed', reason: 'z'.repeat(400) });
  await strip(page).getByText('quarantined').waitFor(PATIENCE);
  await button(page, 'local (admin)').click();
  await page.getByRole('dialog').waitFor(PATIENCE);
  await check('while a token is asked for');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ ...PATIENCE, state: 'hidden' });
  lab.safe = async (name) => {
    throw new FnloopError('not-allowed', `${name} ${'refuses '.repeat(30)}`);
  };
  await button(page, 'SAFE all').click();
  await expect.poll(() => page.getByRole('alert').count(), PATIENCE).toBe(16);
  await check('under sixteen faults');
  await page.evaluate('document.scrollingElement.scrollTo(0, 1e6)');
  await check('at the end of the page');
  await page.getByRole('link', { name: 'Skip to content' }).focus();
  await check('beside the link that skips it');
  gate.shut();
  await lost(page).waitFor(PATIENCE);
  await check('while the daemon is away');
  expect(await accessibilityFaults(page)).toEqual([]);
  const boards = lab.boards();
  lab.boards = () => boards.toReversed().filter(({ name }) => name !== 'right');
  gate.open();
  await live(page).waitFor(PATIENCE);
  await check('of a daemon that names its boards in another order, and one of them no longer');
  const last = button(page, 'SAFE a-board-of-a-longer-name-16');
  await last.click();
  expect(
    await page.getByRole('alert').filter({ hasText: 'SAFE a-board-of-a-longer-name-16' }).count(),
  ).toBeGreaterThan(0);
});
