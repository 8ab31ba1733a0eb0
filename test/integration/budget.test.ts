import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createMockBoard, serveTcp } from '../../mocks/index.ts';
import { boardStateFile } from '../../src/store/board-state.ts';
import { listRunIds } from '../../src/store/run-folder.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { experimentFile } from '../support/experiment-file.ts';
import { fnloop, fnloopJson, startFnloop, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

interface StateFile {
  readonly openRun: string | null;
  readonly pulses: readonly number[];
  readonly voltSeconds: readonly number[];
  readonly chargeFC: readonly number[];
}
const stateOf = (runs: string, boardId = 'dam-a:1'): StateFile =>
  JSON.parse(readFileSync(boardStateFile(runs, boardId), 'utf8'));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A mock that a test can look into, behind TCP. */
async function servedMock() {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const { port, close } = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
  return { mock, address: `tcp:127.0.0.1:${port}`, close };
}

test('two runs add up; a budget refuses the third before its first pulse', async () => {
  const { mock, address, close } = await servedMock();
  const runs = temporaryFolder();
  const train = (experiment: string) =>
    fnloopJson<RunSummary>('train', experiment, '--board', address, '--steps', '2', '--runs', runs);
  try {
    const first = await train('breast-cancer');
    const afterFirst = stateOf(runs);
    expect(sum(afterFirst.pulses)).toBe(first.pulses);
    expect(sum(afterFirst.chargeFC)).toBeCloseTo(first.chargeFC.tunneled.total, 6);
    const second = await train(experimentFile({ budget: { pulsesPerNode: 100 } }));
    const { pulses, voltSeconds, openRun } = stateOf(runs);
    expect(openRun).toBeNull();
    expect(sum(pulses)).toBe(first.pulses + second.pulses);
    expect(sum(pulses)).toBe(mock.totalPulses);
    const applied = pulses.map((_, node) =>
      mock.pulsesApplied(Math.floor(node / 2), node % 2 === 0 ? 'SET' : 'RESET'),
    );
    expect(pulses).toEqual(applied);
    expect(Math.min(...voltSeconds.filter((value) => value > 0))).toBeGreaterThanOrEqual(
      0.2236 * 0.2 - 1e-12,
    );

    const most = Math.max(...pulses.filter((_, node) => node % 2 === 0));
    const third = await fnloop(
      ...['train', experimentFile({ budget: { pulsesPerNode: most } }), '--board', address, '--runs', runs],
    );
    expect(third.code).toBe(4);
    expect(third.stderr).toContain(
      'error (limit-exceeded): The next 1 batches would wear nodes of board dam-a:1 beyond their budget. Nothing of them was sent.',
    );
    expect(third.stderr).toContain(
      `has had ${most} pulses, the plan adds 1: more than the ${most} of budget.pulsesPerNode`,
    );
    expect(mock.totalPulses).toBe(sum(pulses));
    expect(mock.isArmed).toBe(false);
    expect(stateOf(runs)).toMatchObject({ openRun: null, pulses });
  } finally {
    await close();
  }
});

test('a run whose process is killed is charged in full when the next one begins', async () => {
  const { mock, address, close } = await servedMock();
  const runs = temporaryFolder();
  try {
    const { child, ended } = startFnloop(
      ...['train', 'breast-cancer', '--board', address, '--steps', '100000', '--runs', runs],
    );
    while (mock.totalPulses < 2_000) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await ended;
    const [killed = ''] = listRunIds(runs);
    expect(stateOf(runs)).toMatchObject({ openRun: killed });
    expect(sum(stateOf(runs).pulses)).toBe(0);

    const away = join(dirname(runs), `${killed}-away`);
    renameSync(join(runs, killed), away);
    const blocked = await fnloop('train', 'breast-cancer', '--board', address, '--runs', runs);
    expect(blocked.code).toBe(2);
    expect(blocked.stderr).toContain(
      `error (state-invalid): Run ${join(runs, killed)} was under way on board dam-a:1`,
    );
    expect(blocked.stderr).toContain('Bring its folder back; or move');
    renameSync(away, join(runs, killed));

    await fnloopJson('train', 'breast-cancer', '--board', address, '--steps', '1', '--runs', runs);
    expect(sum(stateOf(runs).pulses)).toBe(mock.totalPulses);
    expect(stateOf(runs).openRun).toBeNull();
    await RunReader.with(join(runs, killed), async (run) => {
      const [{ updates = 0 } = {}] = await run.query<{ updates: number }>(
        'SELECT count(*) AS updates FROM updates',
      );
      expect(updates).toBeGreaterThan(1_900);
    });
  } finally {
    await close();
  }
});

test('a damaged record stops a run before its first pulse; a mock of this process has none', async () => {
  const runs = temporaryFolder();
  const { ready } = await startMock('--tcp', '127.0.0.1:0', '--cells', '64');
  const train = (...more: string[]) =>
    fnloop('train', 'breast-cancer', '--steps', '1', '--runs', runs, ...more);
  expect(await train()).toMatchObject({ code: 0 });
  expect(existsSync(join(runs, 'boards'))).toBe(false);
  expect(await train('--board', ready.address)).toMatchObject({ code: 0 });
  const file = boardStateFile(runs, 'dam-a:1');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"pulses":\[\d/, '"pulses":[7'));
  const before = listRunIds(runs);
  expect(await train('--board', ready.address)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('its checksum does not fit its content: it was edited or damaged'),
  });
  expect(listRunIds(runs)).toEqual(before);
});

test('a budget that is none is refused with line and reason', async () => {
  const { code, stderr } = await fnloop(
    'train',
    experimentFile({ budget: { pulsesPerNode: 0, voltsPerNode: 1 } }),
    '--runs',
    temporaryFolder(),
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/experiment\.yaml:\d+: budget\.pulsesPerNode expected at least 1, found 0/);
  expect(stderr).toContain(`budget.voltsPerNode is not a known key; did you mean 'pulsesPerNode'?`);
});
