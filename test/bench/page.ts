import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { systemClock } from '../../src/core/clock.ts';
import { createApi } from '../../src/daemon/api/create-api.ts';
import { servedPage } from '../../src/daemon/api/page.ts';
import { serve } from '../../src/daemon/api/serve.ts';
import { launchChromium } from '../support/chromium.ts';
import { FakeLab } from '../support/fake-lab.ts';
import { type Benchmark, number, type Row } from './benchmark.ts';
import { withFolder } from './folder.ts';

const RATES_PER_S = [0, 1_000, 10_000];
const UPDATES_OF_STEP = 10;
const TICK_MS = 20;
const MEASURED_S = 15;
/** Until the chart has as many points as it keeps. */
const WARM_S = 5;
const BUILT = fileURLToPath(new URL('../../src/daemon/web', import.meta.url));

/** How evenly the daemon's page draws while a run goes on, beside the same page while nothing does. */
export const page: Benchmark = {
  name: 'page',
  summary: "frames of the daemon's page while updates come, beside those while none do (needs chromium)",
  run: (note) =>
    withFolder(async (folder) => {
      const lab = new FakeLab();
      const api = createApi({
        lab,
        runsFolder: folder,
        tokens: () => [],
        hosts: () => [],
        metrics: { contentType: 'text/plain', text: async () => '' },
        health: () => ({ isWell: true, reasons: [] }),
        software: { version: '0.0.0', commit: null },
        clock: systemClock,
        log: { info: () => {}, warn: () => {}, error: () => {} },
        page: servedPage(BUILT),
      });
      const served = await serve(api, { host: '127.0.0.1', port: 0 });
      const browser = await launchChromium();
      try {
        const rows: Row[] = [];
        for (const ratePerS of RATES_PER_S) {
          note(`page: ${ratePerS} updates/s ...`);
          const shown = await browser.newPage({ viewport: { width: 1280, height: 900 } });
          await shown.goto(served.url);
          const found = await framesAt(ratePerS, lab, shown);
          rows.push({ ...found, ratio: found.p99Ms / Number(rows[0]?.['p99Ms'] ?? found.p99Ms) });
          await shown.close();
        }
        return { columns, rows };
      } finally {
        await browser.close();
        await served.close();
      }
    }),
};

const columns = [
  number('updates/s', 'ratePerS', 0),
  number('frames/s', 'framesPerS', 1),
  number('apart, p50, ms', 'p50Ms', 1),
  number('p99, ms', 'p99Ms', 1),
  number('at most, ms', 'mostMs', 1),
  number('tasks over 50 ms', 'longTasks', 0),
  number('heap, MB', 'heapMB', 1),
  number('p99 ratio', 'ratio', 2),
];

interface Frames {
  readonly ratePerS: number;
  readonly framesPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly longTasks: number;
  readonly heapMB: number;
}

async function framesAt(ratePerS: number, lab: FakeLab, shown: Page): Promise<Frames> {
  const { id } = lab.put({ runId: `r-${ratePerS}`, state: 'running' });
  const feeding = new AbortController();
  const fed = ratePerS === 0 ? undefined : feed(lab, id, ratePerS, feeding.signal);
  await wait(WARM_S * 1e3);
  await shown.evaluate(WATCH_FRAMES);
  await wait(MEASURED_S * 1e3);
  const { apartMs, longTasks, heapBytes } = (await shown.evaluate('found')) as {
    readonly apartMs: readonly number[];
    readonly longTasks: number;
    readonly heapBytes: number;
  };
  feeding.abort();
  await fed;
  lab.change(id, { state: 'finished' });
  const sorted = [...apartMs].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {
    ratePerS,
    framesPerS: apartMs.length / MEASURED_S,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    mostMs: at(1),
    longTasks,
    heapMB: heapBytes / 1e6,
  };
}

const WATCH_FRAMES = `
  globalThis.found = { apartMs: [], longTasks: 0, get heapBytes() { return performance.memory.usedJSHeapSize; } };
  new PerformanceObserver((list) => { found.longTasks += list.getEntries().length; }).observe({ type: 'longtask' });
  let last;
  const frame = (at) => {
    if (last !== undefined) found.apartMs.push(at - last);
    last = at;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
`;

/** News of a run at that rate, as a worker tells them. */
async function feed(lab: FakeLab, job: string, ratePerS: number, until: AbortSignal): Promise<void> {
  const beginMs = performance.now();
  let step = 0;
  while (!until.aborted) {
    const due = ((performance.now() - beginMs) / 1e3) * (ratePerS / UPDATES_OF_STEP);
    for (; step < due; step += 1) tell(lab, job, step);
    await wait(TICK_MS);
  }
}

function tell(lab: FakeLab, job: string, step: number): void {
  const state = {
    step,
    testAccuracy: 1 - 1 / (step + 2),
    energyPerUpdateFJ: 8,
    boundsPerUpdateZJ: { landauer: 40, static: 196, 'finite-rate': 56, matched: 1 + step, recycled: 28 },
  };
  const updatesSoFar = UPDATES_OF_STEP * (step + 1);
  lab.news.next({
    kind: 'step',
    board: 'left',
    job,
    runId: job,
    trainAccuracy: state.testAccuracy,
    updates: UPDATES_OF_STEP,
    updatesSoFar,
    timeNs: '1',
    ...state,
  });
  lab.news.next({
    kind: 'updates',
    board: 'left',
    runId: job,
    updates: Array.from({ length: UPDATES_OF_STEP }, (_, update) => ({
      update,
      cell: update,
      kind: 'SET',
      energyFJ: 8,
      weightAfterV: 0,
    })),
  });
  if (step % 10 === 0)
    lab.change(job, {
      progress: { ...state, steps: 1_000_000, updates: updatesSoFar, updatesPerS: 1_000, backlogRows: 0 },
    });
}
