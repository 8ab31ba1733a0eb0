import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { devices } from '../../calibration/devices.ts';
import { createMock, type MockBoard, serveTcp } from '../../mocks/index.ts';
import { bringToRest } from '../../src/board/bring-to-rest.ts';
import { isBroughtToRest } from '../../src/board/rest-watch.ts';
import { App } from '../../src/cli/app.ts';
import { measureChip } from '../../src/cli/calibrate-measure.ts';
import { compareRuns } from '../../src/cli/compare-policies.ts';
import { trainRun } from '../../src/cli/train-run.ts';
import { accountingSchema } from '../../src/config/experiment.ts';
import { readExperiment } from '../../src/config/experiment-file.ts';
import { systemClock } from '../../src/core/clock.ts';
import { runSoak } from '../../src/soak/run-soak.ts';
import { RunFile } from '../../src/store/run-file.ts';
import { findRun } from '../../src/store/run-folder.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { usageOf } from '../../src/store/run-usage.ts';
import { parseAddress } from '../../src/transport/address.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import { temporaryFolder } from '../support/folder.ts';

interface Work {
  /** Pulses that it emits in all, about: SAFE comes before that many. */
  readonly pulses: number;
  /** As a command does it; resolves however it ends. */
  begin(app: App, address: string, runs: string): Promise<unknown>;
}

const experimentAt = (board: string) => {
  const shipped = readExperiment('breast-cancer');
  return { ...shipped, board, method: { ...shipped.method, steps: 25 } };
};

const works: Readonly<Record<string, Work>> = {
  train: {
    pulses: 500,
    begin: (app, address, runs) => trainRun(app, experimentAt(address), { runs }, () => {}),
  },
  soak: {
    pulses: 6_000,
    begin: (app, address, runs) =>
      app.withBoard(address, async (board) => {
        const device = devices['dam-a'];
        if (device === undefined) throw new Error('dam-a is gone');
        const settings = {
          updates: 6_000,
          stepUpdates: 2_000,
          seed: 1,
          amplitudeV: 4,
          widthUs: 10_000,
          accounting: accountingSchema.parse(undefined),
        };
        const runFile = await RunFile.create(join(runs, 'soak'), app.clock);
        const { clock, signal } = app;
        const parts = { runId: 'soak', begun: undefined, settings, clock, signal, onStep: () => {} };
        return runSoak({ ...parts, board, runFile, device });
      }),
  },
  calibrate: {
    pulses: 1_500,
    begin: (app, address, runs) => measureChip(app, { board: address, runs, device: 'dam-a', json: true }),
  },
  compare: {
    pulses: 1_000,
    begin: (app, address, runs) =>
      compareRuns(
        app,
        experimentAt(address),
        { runs, policies: ['matched', 'write-verify'], seeds: [1], widths: [] },
        () => {},
      ),
  },
};

/** Resolves once the board has emitted so many pulses. */
const pulsed = (mock: MockBoard, pulses: number) =>
  new Promise<void>((resolve) => {
    mock.onSlot = () => {
      if (mock.totalPulses >= pulses) resolve();
    };
  });

/** Pulses in all run files of a folder: the board's, each once. */
async function recordedIn(runs: string, names: readonly string[]): Promise<number> {
  let recorded = 0;
  for (const name of names)
    await RunReader.with(join(runs, name), async (run) => {
      const { nodes } = await usageOf(run);
      for (const [, { pulses }] of nodes.entries()) recorded += pulses;
    });
  return recorded;
}

/** 100 in all. */
const ROUNDS = 25;

test.each(
  Object.keys(works),
)('SAFE of a second host in the middle of %s is final, 25 times', async (kind) => {
  const work = works[kind];
  if (work === undefined) throw new Error(kind);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const at = randomInt(1, work.pulses);
    const { board: mock, end, join: joining } = createMock({ preset: 'dam-a', cells: 64, seed: round });
    const served = await serveTcp(end, { host: '127.0.0.1', port: 0 }, joining);
    onTestFinished(() => served.close());
    const address = `tcp:127.0.0.1:${served.port}`;
    const runs = temporaryFolder();
    const app = new App();
    const due = pulsed(mock, at);
    const ended = work.begin(app, address, runs).then(
      () => 'finished',
      (error: unknown) => error,
    );
    await Promise.race([due, ended]);
    const rest = await bringToRest(await openEndpoint(parseAddress(address), { seed: 1 }), systemClock);
    // The board confirms once the slot under way has ended.
    const confirmed = mock.totalPulses;
    const how = await ended;
    expect(mock.totalPulses, `${kind}, SAFE after ${at} pulses`).toBe(confirmed);
    expect([rest.wasArmed === 'unknown', mock.isArmed]).toEqual([false, false]);
    await served.close();
    if (how === 'finished') continue;
    const last = findRun(runs, 'last');
    await RunReader.with(last, async ({ manifest }) => {
      // A training of `compare` may have finished as it came: then the next is not begun.
      if (manifest.status === 'finished' && isBroughtToRest(how)) return;
      expect(manifest, `${kind}, SAFE after ${at} pulses`).toMatchObject({
        status: 'interrupted',
        failure: expect.stringMatching(/was brought to rest by SAFE of somebody else/),
      });
    });
  }
}, 240_000);

test('pulses of a run that SAFE has ended are on record, each once', async () => {
  const { board: mock, end, join: joining } = createMock({ preset: 'dam-a', cells: 64 });
  const served = await serveTcp(end, { host: '127.0.0.1', port: 0 }, joining);
  onTestFinished(() => served.close());
  const address = `tcp:127.0.0.1:${served.port}`;
  const runs = temporaryFolder();
  const due = pulsed(mock, 2_500);
  const soaking = works['soak']?.begin(new App(), address, runs);
  await due;
  await bringToRest(await openEndpoint(parseAddress(address), { seed: 1 }), systemClock);
  expect(await soaking).toMatchObject({ status: 'interrupted' });
  expect(await recordedIn(runs, ['soak'])).toBe(mock.totalPulses);
});
