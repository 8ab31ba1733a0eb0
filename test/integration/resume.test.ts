import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { MockBoard } from '../../mocks/index.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Verification } from '../../src/influx/verify.ts';
import { boardStateFile } from '../../src/store/board-state.ts';
import { interruptionsOf } from '../../src/store/interruptions.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { experimentFile } from '../support/experiment-file.ts';
import { fnloop, fnloopJson, startFnloop, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { INFLUX_USER, Influxd } from '../support/influxd.ts';
import {
  countedAgainst,
  type KillMoment,
  killAt,
  onlyRun,
  resumeAndKill,
  untilLogHas,
} from '../support/killed-runs.ts';
import { mutableMock } from '../support/mutable-mock.ts';
import { accountsOf } from '../support/run-accounts.ts';

/** A mock in a process of its own, and a folder for its runs. */
async function servedMock(...parameters: string[]) {
  const folder = temporaryFolder();
  const link = `${folder}/board`;
  const mock = await startMock('--pty', link, '--cells', '64', '--seed', '1', ...parameters);
  return { mock, address: `serial:${link}?baud=12000000`, runs: `${folder}/runs` };
}

const KILLS = 6;

test('a run that is killed with -9 six times loses and repeats nothing, and ends as one that was not', async () => {
  const whole = await servedMock();
  const undisturbed = await fnloopJson<RunSummary>(
    ...(['train', 'breast-cancer-minibatch', '--board', whole.address, '--runs', whole.runs] as const),
  );
  const { address, runs } = await servedMock();
  const random = seededRandom(20_261_128, 'kills');
  const moment = (fromBytes: number, bytes: number): KillMoment => ({
    bytes: fromBytes + random.integer(bytes),
    delayMs: random.integer(30),
  });
  const begun = startFnloop('train', 'breast-cancer-minibatch', '--board', address, '--runs', runs);
  // The first step is on disk by then.
  expect(await killAt(begun, runs, moment(100_000, 200_000))).toMatchObject({
    wasKilled: true,
  });
  const kills = await resumeAndKill(
    runs,
    Array.from({ length: KILLS - 1 }, () => moment(0, 250_000)),
  );
  expect(kills).toBe(KILLS - 1);
  const resumed = await fnloopJson<RunSummary>('runs', 'resume', 'last', '--runs', runs);

  expect(resumed).toMatchObject({ status: 'finished', batches: { open: 0, inferred: 0 } });
  expect(resumed.interruptions.count).toBeGreaterThan(2);
  expect(Math.abs((resumed.accuracy.test ?? 0) - (undisturbed.accuracy.test ?? 0))).toBeLessThan(0.01);
  const folder = onlyRun(runs);
  expect(await countedAgainst(address, folder)).toMatchObject({ lost: 0, repeated: 0, differences: [] });
  const { sums, epochs } = await accountsOf(folder);
  const { pulses, updates } = resumed;
  expect(sums).toEqual({
    ...{ pulses, pulsesOfUpdates: pulses, pulsesOfSteps: pulses },
    ...{ updates, updatesOfSteps: updates, differentUpdates: updates },
    ...{ unaccounted: 0, open: 0, sameTimes: 0, lostUpdates: 0 },
  });
  // Every minibatch once, in its place.
  expect(epochs).toEqual((await accountsOf(onlyRun(whole.runs))).epochs);
  // All pulses have one amplitude: in all they cost as many times as much as one.
  const each = (undisturbed.energyFJ['half-cv2'].total ?? 0) / undisturbed.pulses;
  expect(resumed.energyFJ['half-cv2'].total / resumed.pulses).toBeCloseTo(each, 9);
  await RunReader.with(folder, async (run) => {
    for (const { agreement } of await interruptionsOf(run)) expect(agreement.disagreeing).toEqual([]);
  });
}, 120_000);

/** By node, as the mock itself counts. */
const appliedBy = (mock: MockBoard): number[] =>
  Array.from({ length: 128 }, (_, node) =>
    mock.pulsesApplied(Math.floor(node / 2), node % 2 === 0 ? 'SET' : 'RESET'),
  );

/** What the board has been charged with in a folder of runs, by node. */
const chargedIn = (runs: string): { readonly openRun: string | null; readonly pulses: readonly number[] } =>
  JSON.parse(readFileSync(boardStateFile(runs, 'dam-a:1'), 'utf8'));

/** Trains on a mock until it has heard so many batches, and leaves the way that the signal does. */
async function cutTraining(
  { address, heard }: Awaited<ReturnType<typeof mutableMock>>,
  experiment: string,
  batches: number,
  signal: 'SIGKILL' | 'SIGINT',
) {
  const runs = `${temporaryFolder()}/runs`;
  const training = startFnloop('train', experiment, '--board', address, '--runs', runs);
  await heard(batches);
  training.child.kill(signal);
  return { runs, ...(await training.ended) };
}

const accuracies = (folder: string) =>
  RunReader.with(folder, (run) =>
    run.query<{ step: number; test: number }>('SELECT step, test_accuracy AS test FROM steps ORDER BY step'),
  );

test('a pause of a day in mid-run: the cells are where the model says, accuracy recovers, and the report tells', async () => {
  const served = await mutableMock();
  const experiment = experimentFile({
    policy: {
      ...{ name: 'constant-step', minAmplitudeV: 0.2236, maxAmplitudeV: 5 },
      ...{ baseWidthUs: 200_000, maxWidthUs: 1_000_000 },
    },
  });
  const { runs, code, stderr } = await cutTraining(served, experiment, 90, 'SIGINT');
  expect(code).toBe(130);
  const folder = onlyRun(runs);
  expect(stderr).toContain(`Go on with it: fnloop runs resume ${folder.split('/').at(-1)}`);
  const before = (await accuracies(folder)).at(-1);
  served.mock.elapse(86_400);
  const summary = await fnloopJson<RunSummary>('runs', 'resume', 'last', '--runs', runs);

  expect(summary.status).toBe('finished');
  expect(summary.interruptions).toMatchObject({ count: 1 });
  expect(summary.interruptions.longestBoardS).toBeCloseTo(86_400, 0);
  const [interruption] = await RunReader.with(folder, interruptionsOf);
  expect(interruption).toMatchObject({
    ...{ boardRestarted: false, cutStep: null, accountedLate: 0 },
    agreement: { cells: 31, disagreeing: [] },
  });
  // It fell by a volt and was found within chance of where the model had it.
  expect(interruption?.agreement.largestSigmas).toBeLessThan(5);
  const all = await accuracies(folder);
  expect(all.length).toBe(201);
  const after = all[(before?.step ?? 0) + 1];
  expect(after?.test).toBeLessThan((before?.test ?? 0) - 0.03);
  expect(all.at(-1)?.test).toBeGreaterThan((before?.test ?? 0) - 0.01);
  expect(appliedBy(served.mock)).toEqual(chargedIn(runs).pulses);
  const { stdout } = await fnloop('runs', 'show', 'last', '--runs', runs);
  expect(stdout).toMatch(/interrupted +│ once, pause 24 h 0 min on the board, /);
  const report = readFileSync(summary.report, 'utf8');
  expect(report).toContain('once, pause 24 h 0 min on the board');
  expect(report).toContain('interrupted after the steps at the dashed rules');
}, 60_000);

test.each([
  ['after its batch', 99],
  ['within its batch', 1],
])(
  'a board whose power fails %s while its host dies: the cells tell what was pulsed, and the run goes on',
  async (_, slots) => {
    const served = await mutableMock();
    const { mock, address } = served;
    const runs = `${temporaryFolder()}/runs`;
    const training = startFnloop('train', 'breast-cancer-fast', '--board', address, '--runs', runs);
    await served.heard(40);
    mock.brownOut(slots);
    await served.muteAt(41);
    training.child.kill('SIGKILL');
    await training.ended;
    served.unmute();
    const summary = await fnloopJson<RunSummary>('runs', 'resume', 'last', '--runs', runs);
    expect(summary).toMatchObject({ status: 'finished', batches: { open: 0 }, interruptions: { count: 1 } });
    expect(summary.batches.inferred).toBeGreaterThan(0);
    expect(summary.accuracy.test).toBeGreaterThan(0.96);
    const folder = onlyRun(runs);
    expect(await countedAgainst(address, folder)).toMatchObject({ lost: 0, repeated: 0 });
    expect(chargedIn(runs)).toMatchObject({ openRun: null, pulses: appliedBy(mock) });
    const [interruption] = await RunReader.with(folder, interruptionsOf);
    expect(interruption).toMatchObject({
      boardRestarted: true,
      boardS: null,
      agreement: { disagreeing: [] },
    });
    expect(interruption?.settled.inferred).toBeGreaterThan(0);
    expect(interruption?.cutStep).not.toBeNull();
  },
  60_000,
);

test('a mock whose chip is in a file is the same chip in another boot', async () => {
  const folder = temporaryFolder();
  const address = `mock:dam-a?cells=64&state=${folder}/chip.json`;
  const training = startFnloop('train', 'breast-cancer', '--board', address, '--runs', folder);
  await untilLogHas(folder, 400_000);
  training.child.kill('SIGINT');
  expect((await training.ended).code).toBe(130);
  const summary = await fnloopJson<RunSummary>('runs', 'resume', 'last', '--runs', folder);
  expect(summary).toMatchObject({ status: 'finished', interruptions: { count: 1 } });
  expect(summary.accuracy.test).toBeGreaterThan(0.96);
  expect(summary.pulses).toBe(chargedIn(folder).pulses.reduce((sum, pulses) => sum + pulses, 0));
  const [interruption] = await RunReader.with(onlyRun(folder), interruptionsOf);
  expect(interruption).toMatchObject({ boardRestarted: true, agreement: { disagreeing: [] } });
}, 60_000);

test('rows of a run that was killed and resumed go on to the database from where they were', async () => {
  Object.assign(process.env, INFLUX_USER);
  const influxd = await Influxd.start();
  onTestFinished(() => influxd.close());
  const influx = ['--influx', influxd.address('resumed')] as const;
  await fnloopJson('influx', 'init', ...influx);
  const served = await mutableMock();
  const runs = `${temporaryFolder()}/runs`;
  const training = startFnloop(
    'train',
    'breast-cancer',
    '--board',
    served.address,
    '--runs',
    runs,
    ...influx,
  );
  await served.heard(60);
  training.child.kill('SIGKILL');
  await training.ended;
  const resumed = await fnloopJson<RunSummary>('runs', 'resume', 'last', '--runs', runs, ...influx);
  expect(resumed).toMatchObject({ status: 'finished', influx: { setAside: 0, waiting: 0 } });
  const verification = await fnloopJson<Verification>('influx', 'verify', 'last', '--runs', runs, ...influx);
  expect(verification.differences).toEqual([]);
  expect(verification.points).toMatchObject({ update: resumed.updates, step: 201 });
}, 60_000);
