import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { createMockBoard, serveTcp } from '../../mocks/index.ts';
import type { CalibrationSummary } from '../../src/calibrating/calibration-summary.ts';
import type { CheckResult } from '../../src/calibrating/check.ts';
import { readCalibration, writeCalibration } from '../../src/chip/calibration-file.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { fnloop, fnloopJson, startFnloop, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

type Written = CalibrationSummary & { readonly file: string; readonly report: string };

const runsIn = (runs: string) => readdirSync(runs).filter((name) => name.includes('-calibrate-'));
/** Enough for every verdict, not for small sigmas. */
const brief = ['--max-time', '25s'] as const;

async function mockOnPty(...parameters: string[]) {
  const runs = join(temporaryFolder(), 'runs');
  const { ready } = await startMock('--pty', join(temporaryFolder(), 'board'), ...parameters);
  const board = ['--board', ready.address, '--runs', runs] as const;
  return { runs, board, address: ready.address };
}

/** A mock that the test can look into, as a board that stays. */
async function mockOnTcp(choices: Partial<Parameters<typeof createMockBoard>[0]> = {}) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64, ...choices });
  const served = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => served.close());
  const runs = join(temporaryFolder(), 'runs');
  return { mock, served, runs, board: ['--board', `tcp:127.0.0.1:${served.port}`, '--runs', runs] as const };
}

/** Pulses of the mock against those in the files of all runs. */
async function expectCounted(mock: ReturnType<typeof createMockBoard>, runs: string) {
  let recorded = 0;
  for (const run of runsIn(runs)) {
    const [row] = await RunReader.with(join(runs, run), (reader) =>
      reader.query<{ pulses: number }>('SELECT count(*) AS pulses FROM pulses'),
    );
    recorded += row?.pulses ?? 0;
  }
  let emitted = 0;
  for (let cell = 0; cell < 64; cell += 1)
    emitted += mock.pulsesApplied(cell, 'SET') + mock.pulsesApplied(cell, 'RESET');
  expect(emitted).toBe(recorded);
}

const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('a chip is measured over a pseudo-terminal, checked, and found out when it has changed', async () => {
  const { runs, board } = await mockOnPty('--preset', 'dam-a-stress', '--cells', '64');
  const written = await fnloopJson<Written>('calibrate', ...board, ...brief, '--device', 'dam-a-stress');
  expect(written.verdicts).toEqual([{ verdict: 'good', count: 128, examples: [] }]);
  expect(written.file).toBe(join(runs, 'calibrations', readdirSync(join(runs, 'calibrations'))[0] ?? ''));
  expect(readFileSync(written.report, 'utf8')).toContain('</html>');
  const calibration = readCalibration(written.file);
  expect(calibration.measured.runs).toEqual(runsIn(runs));
  expect(calibration.points).toHaveLength(128);
  const validNs = BigInt(calibration.expiresWallNs) - BigInt(calibration.measured.toWallNs);
  expect(validNs).toBe(30n * 86_400_000_000_000n);

  const held = await fnloopJson<CheckResult>('calibrate', '--check', ...board);
  expect(held).toMatchObject({ nodes: 128, falls: 384, holds: true });
  expect(readCalibration(written.file)).toEqual(calibration);

  // As if the chip had been 3 % faster when it was measured.
  const faster = structuredClone(calibration);
  for (const { fit } of faster.nodes) if (fit !== null) fit.parameters.tunneling.k1PerS *= 1.03;
  writeCalibration(written.file, faster);
  const stale = await fnloop('calibrate', '--check', written.file, ...board);
  expect(stale.code).toBe(6);
  expect(stale.stderr).toMatch(/calibration-stale.*rest 97\.\d %.*expired from now on/);
  expect(stale.stdout).toContain('it no longer holds');
  const expired = await fnloop('calibrate', '--check', ...board);
  expect(expired.code).toBe(2);
  expect(expired.stderr).toContain('calibration-invalid');
  expect(readdirSync(join(runs, 'calibrations'))).toHaveLength(1);
});

test('a dry run prints the plan and pulses nothing; a budget that is too small refuses it', async () => {
  const { mock, runs, board } = await mockOnTcp();
  const planned = await fnloop('calibrate', ...board, '--dry-run');
  expect(planned.code).toBe(0);
  for (const part of ['pulse 5 V 200 ms', 'expected sigma', 'most on a node (volt-seconds)'])
    expect(planned.stdout).toContain(part);
  const settings = join(temporaryFolder(), 'settings.yaml');
  writeFileSync(settings, stringify({ budget: { pulsesPerNode: 10 } }));
  const refused = await fnloop('calibrate', ...board, '--settings', settings);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/limit-exceeded.*No pulse was sent/);
  expect(refused.stderr).toContain('more than the 10 of budget.pulsesPerNode');
  expect(existsSync(runs)).toBe(false);
  expect(mock.pulsesApplied(0, 'SET')).toBe(0);
});

test('a signal ends it after the batch in flight, and it goes on where it was; so it does after kill -9', async () => {
  const { mock, runs, board } = await mockOnTcp();
  const pulses = () => mock.pulsesApplied(63, 'RESET');
  const first = startFnloop('calibrate', ...board, ...brief);
  await until(() => pulses() >= 6);
  first.child.kill('SIGINT');
  const interrupted = await first.ended;
  expect(interrupted.code).toBe(130);
  const [firstRun = ''] = runsIn(runs);
  expect(interrupted.stderr).toContain(`fnloop calibrate --resume ${firstRun}`);
  expect(mock.isArmed).toBe(false);
  expect(existsSync(join(runs, 'calibrations'))).toBe(false);

  const second = startFnloop('calibrate', ...board, '--resume', firstRun);
  const before = pulses();
  await until(() => pulses() >= before + 6);
  second.child.kill('SIGKILL');
  await second.ended;
  const [, secondRun = ''] = runsIn(runs);

  const written = await fnloopJson<Written>('calibrate', '--resume', secondRun, ...board);
  expect(written.runs).toEqual(runsIn(runs));
  expect(written.verdicts).toEqual([{ verdict: 'good', count: 128, examples: [] }]);
  expect(written.chi2PerDof).toBeLessThan(1.1);
  await expectCounted(mock, runs);

  const again = await fnloopJson<Written>('calibrate', '--resume', 'last', ...board);
  expect(again.parameters).toEqual(written.parameters);
  expect(runsIn(runs)).toHaveLength(3);
}, 60_000);

test('unplugs and restarts in the middle are outlasted', async () => {
  const { runs, board } = await mockOnPty('--cells', '64', '--faults', 'unplug:2@1500,reboot:1@1500');
  const written = await fnloopJson<Written>('calibrate', ...board, ...brief);
  expect(written.verdicts).toEqual([{ verdict: 'good', count: 128, examples: [] }]);
  expect(written.chi2PerDof).toBeLessThan(1.1);
  const [run = ''] = runsIn(runs);
  const [events] = await RunReader.with(join(runs, run), (reader) =>
    reader.query<{ reboots: number }>("SELECT count(*) AS reboots FROM events WHERE name = 'rebooted'"),
  );
  expect(events?.reboots).toBe(1);
}, 60_000);

test('a board in real time rests disarmed, while this host waits', async () => {
  const { mock, board } = await mockOnTcp({ time: 'real' });
  let disarmed = 0;
  const looking = setInterval(() => {
    if (mock.pulsesApplied(0, 'RESET') > 10 && !mock.isArmed) disarmed += 1;
  }, 5);
  const written = await fnloopJson<Written>('calibrate', ...board, '--max-time', '8s').finally(() =>
    clearInterval(looking),
  );
  expect(written.nodes).toBe(128);
  expect(written.chi2PerDof).toBeLessThan(1.1);
  expect(disarmed).toBeGreaterThan(50);
  expect(mock.isArmed).toBe(false);
}, 60_000);

describe('what is refused', () => {
  test('a converter at its end, before a pulse', async () => {
    const { mock, runs, board } = await mockOnTcp({ startV: 11 });
    const { code, stderr } = await fnloop('calibrate', ...board);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /chip-unfit.*128 of 128 nodes .* cannot be measured: 128 at the end of the converter/,
    );
    expect(mock.pulsesApplied(0, 'SET')).toBe(0);
    expect(existsSync(runs)).toBe(false);
  });

  test('a chip whose temperature ran away: no file, the record stays, the board is disarmed', async () => {
    const { mock, runs, board } = await mockOnTcp({ driftKPerHour: 900 });
    const { code, stderr } = await fnloop('calibrate', ...board, '--max-time', '3min');
    expect(code).toBe(4);
    expect(stderr).toMatch(/chip-unfit.*expected a range of at most 20 K/);
    expect(existsSync(join(runs, 'calibrations'))).toBe(false);
    expect(runsIn(runs)).toHaveLength(1);
    expect(mock.isArmed).toBe(false);
  });

  test('a calibration that cannot be used, by --check: damaged, of another board, none', async () => {
    const { board } = await mockOnTcp();
    const other = await mockOnTcp({ seed: 2 });
    const { file } = await fnloopJson<Written>('calibrate', ...board, ...brief);
    const check = async (path: string, sentence: string) => {
      const { code, stderr } = await fnloop('calibrate', '--check', path, ...other.board);
      expect(stderr).toContain(sentence);
      expect(code).toBe(2);
    };
    await check(file, 'it is of board dam-a:1, and this is board dam-a:2');
    const damaged = join(temporaryFolder(), 'damaged.json');
    writeFileSync(damaged, readFileSync(file, 'utf8').slice(0, -100));
    await check(damaged, 'it is not whole');
    await check(join(temporaryFolder(), 'none.json'), "'fnloop calibrate' measures one");
    expect(other.mock.pulsesApplied(0, 'SET')).toBe(0);
  });

  test('a run to go on with that is none, and options that make no sense', async () => {
    const { board, runs } = await mockOnTcp();
    expect(await fnloop('calibrate', ...board, '--resume', 'nothing')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('file-missing'),
    });
    expect(await fnloop('calibrate', '--runs', runs)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Say which board'),
    });
    expect((await fnloop('calibrate', ...board, '--target-k2', '0.05')).code).toBe(2);
    expect((await fnloop('calibrate', ...board, '--check', '--dry-run')).code).toBe(2);
  });
});
