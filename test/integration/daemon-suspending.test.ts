import { expect, test, vi } from 'vitest';
import { type FaultScript, faultScript } from '../../mocks/index.ts';
import {
  daemonConfig,
  enqueue,
  jobsIn,
  pulsesOn,
  pulsesRecorded,
  servedMock,
  startDaemon,
  until,
} from '../support/daemon.ts';

vi.setConfig({ testTimeout: 150_000 });

const STEPS = 100;

/** A daemon of its own process that trains on a board with bands, which can be changed. */
async function trainingWithin(suspend: object, faults?: FaultScript) {
  const served = await servedMock(1, faults);
  const bands = (changed: object) => ({
    boards: {
      b0: { address: served.address, device: 'dam-a', patienceS: 20, suspend: { settleS: 0.5, ...changed } },
    },
  });
  const { file, runs, write } = daemonConfig({}, bands(suspend));
  enqueue(runs, 'b0', served.address, STEPS);
  const { child } = await startDaemon(file);
  await until(() => served.batches() > 5, 'it trains', 40_000);
  const job = () => jobsIn(runs)[0];
  return {
    ...served,
    reason: () => job()?.reason,
    rebound: (changed: object) => {
      write({}, bands(changed));
      child.kill('SIGHUP');
    },
    /** The run rests, and nothing is sent to it meanwhile. */
    untilItRests: async () => {
      await until(() => job()?.state === 'paused' && !served.mock.isArmed, 'it rests', 50_000);
      const held = served.batches();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect([job()?.state, served.batches()]).toEqual(['paused', held]);
    },
    untilItHasFinished: async () => {
      await until(() => job()?.state === 'finished', 'it goes on to its end', 60_000);
      const recorded = await pulsesRecorded(runs, job()?.runId);
      expect(recorded).toEqual({ status: 'finished', unsettled: 0, pulses: pulsesOn(served.mock) });
    },
  };
}

test('a run rests while its chip is too warm, and goes on once it has cooled down', async () => {
  const run = await trainingWithin({ temperatureK: { min: 290, max: 310 } });
  run.mock.temperatureK = 320;
  await run.untilItRests();
  expect(run.reason()).toMatch(/^Temperature 3(19\.9|20\.\d) K is outside of 290 to 310 K\.$/);
  run.mock.temperatureK = 300;
  await run.untilItHasFinished();
});

test('a run rests while its link is slow, and goes on once it is not', async () => {
  const faults = faultScript.parse({ delayMs: 250 });
  const run = await trainingWithin({ roundTripMs: 80 }, faults);
  faults.rates.delay = 1;
  await run.untilItRests();
  expect(run.reason()).toMatch(/^A round trip of \d+\.\d ms is longer than 80 ms\.$/);
  faults.rates.delay = 0;
  await run.untilItHasFinished();
});

test('a run rests while too many lines are damaged, until somebody tolerates that', async () => {
  const faults = faultScript.parse({});
  const run = await trainingWithin({ badLinesPerMin: 1 }, faults);
  faults.rates.garbage = 0.3;
  await run.untilItRests();
  expect(run.reason()).toMatch(/^\d+ damaged lines in the last minute are more than 1\.$/);
  faults.rates.garbage = 0;
  run.rebound({ badLinesPerMin: 10_000 });
  await run.untilItHasFinished();
});
