import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createMockBoard, serveTcp } from '../../mocks/index.ts';
import type { Calibration } from '../../src/chip/calibration.ts';
import { calibrationFile, openCalibration, writeCalibration } from '../../src/chip/calibration-file.ts';
import { readFigureData } from '../../src/report/figure-data.ts';
import { listRunIds } from '../../src/store/run-folder.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import type { EpochPlan } from '../../src/training/epoch-plan.ts';
import { calibrationOfMock } from '../support/calibration.ts';
import { experimentFile } from '../support/experiment-file.ts';
import { fnloop, fnloopJson, startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

const CELLS = 40;
const mock = { preset: 'dam-a', cells: CELLS, seed: 1 } as const;
const MOCK = `mock:dam-a?cells=${CELLS}&seed=1`;
const NS_PER_DAY = 86_400_000_000_000n;
const inDays = (days: bigint) => String(BigInt(Date.now()) * 1_000_000n + days * NS_PER_DAY);
const masked = { 0: 'stuck', 7: 'leaky', 21: 'dead', 23: 'stuck' } as const;
/** Those whose nodes are both good. */
const usable = Array.from({ length: CELLS }, (_, cell) => cell).filter(
  (cell) => !Object.keys(masked).some((node) => Math.floor(Number(node) / 2) === cell),
);

async function calibrated(changes: Partial<Calibration> = {}) {
  const folder = temporaryFolder();
  const file = join(folder, 'c.json');
  const calibration = await calibrationOfMock(mock, {
    verdicts: masked,
    changes: { expiresWallNs: inDays(30n), ...changes },
  });
  writeCalibration(file, calibration);
  return { folder, file, calibration, runs: join(folder, 'runs') };
}

describe('a run with a calibration', () => {
  test('keeps its weights on good cells, and says which calibration it used', async () => {
    const { file, runs, calibration } = await calibrated();
    const experiment = experimentFile({ board: MOCK, calibration: file });
    const summary = await fnloopJson<RunSummary>('train', experiment, '--steps', '3', '--runs', runs);
    await RunReader.with(dirname(summary.file), async (run) => {
      const { manifest } = run;
      expect(manifest.cells).toEqual(usable.slice(0, 31));
      const { sha256 } = openCalibration(file);
      const verdicts = { good: 76, stuck: 2, leaky: 1, dead: 1 };
      expect(manifest.calibration).toMatchObject({ file, sha256, verdicts, nodes: 80, goodNodes: 76 });
      expect(manifest.calibration?.results).toEqual(calibration.nodes);
      const cells = await run.query<{ cell: number }>('SELECT DISTINCT cell FROM updates ORDER BY cell');
      expect(cells.map(({ cell }) => cell)).toEqual(usable.slice(0, 31));
      const { weights } = await readFigureData(run);
      expect(weights.map(({ weight }) => weight)).toEqual([...(manifest.features ?? []), 'bias']);
    });
    const csv = join(runs, 'updates.csv');
    expect((await fnloop('runs', 'export', 'last', '--runs', runs, '--csv', csv)).code).toBe(0);
    expect((await fnloop('runs', 'report', 'last', '--runs', runs)).code).toBe(0);
  });

  test('is planned on the same cells', async () => {
    const { file, runs } = await calibrated();
    const options = ['--board', MOCK, '--calibration', file, '--runs', runs];
    const plan = await fnloopJson<EpochPlan>('plan', 'breast-cancer', ...options);
    expect(plan.cells).toEqual({ used: 31, onBoard: CELLS });
    const node = plan.stress.find(({ name }) => name === 'most on a node (charge)')?.node ?? '';
    expect(usable).toContain(Number(/cell (\d+)/.exec(node)?.[1]));
  });

  test('that was killed is settled and accounted for by the record in its own file', async () => {
    const { file, runs } = await calibrated();
    const served = createMockBoard(mock);
    const { port, close } = await serveTcp(served, { host: '127.0.0.1', port: 0 });
    const options = ['--board', `tcp:127.0.0.1:${port}`, '--runs', runs];
    try {
      const killed = startFnloop('train', 'breast-cancer', '--calibration', file, ...options);
      await vi.waitUntil(() => served.totalPulses > 300, { timeout: 30_000, interval: 10 });
      killed.child.kill('SIGKILL');
      await killed.ended;
      const [first = ''] = listRunIds(runs);
      // The file of the calibration is gone by then.
      writeFileSync(file, '');
      await fnloopJson<RunSummary>('train', 'breast-cancer', '--steps', '1', ...options);
      await RunReader.with(join(runs, first), async (run) => {
        const [{ left = 1, pulses = 0 } = {}] = await run.query<{ left: number; pulses: number }>(
          'SELECT count(*) FILTER (update_id NOT IN (SELECT update_id FROM updates)) AS "left", count(*) AS pulses FROM pulses',
        );
        expect(left).toBe(0);
        expect(pulses).toBeGreaterThan(0);
        const cells = await run.query<{ cell: number }>('SELECT DISTINCT cell FROM updates');
        for (const { cell } of cells) expect(usable).toContain(cell);
      });
    } finally {
      await close();
    }
  });

  test('names the one at the usual place where none was asked for', async () => {
    const { runs, calibration } = await calibrated();
    const place = calibrationFile(runs, 'dam-a:1');
    writeCalibration(place, calibration);
    const options = ['--board', MOCK, '--steps', '1', '--runs', runs];
    const { code, stdout, stderr } = await fnloop('train', 'breast-cancer', ...options);
    expect(code).toBe(0);
    expect(stderr).toContain(`has a calibration, which is not used: --calibration ${place} uses it`);
    expect(stdout).not.toContain(place);
    const used = await fnloop('train', 'breast-cancer', '--calibration', place, ...options);
    expect(used.stderr).not.toContain('which is not used');
    expect(stdout).toMatch(/│ calibration +│ none /);
    expect(used.stdout).toMatch(/│ calibration +│ \S+ of 20\S+ \S+Z, 76 of 80 nodes good/);
  });
});

const good = (await calibrationOfMock(mock)).board;

describe('a calibration that does not fit is refused, and nothing is sent', () => {
  const broken = async (changes: Partial<Calibration>) => (await calibrated(changes)).file;
  const edited = async () => {
    const { file } = await calibrated();
    writeFileSync(file, '{"schemaVersion":1');
    return file;
  };
  test.each([
    ['missing', async () => '/nowhere/c.json', 'file-missing', 'ENOENT'],
    ['damaged', edited, 'calibration-invalid', 'it is not whole'],
    ['expired', () => broken({ expiresWallNs: inDays(-1n) }), 'calibration-invalid', 'is good until'],
    [
      'of another board',
      () => broken({ board: { ...good, boardId: 'x' } }),
      'calibration-invalid',
      'it is of board x, and this is board dam-a:1',
    ],
    ['of another device', () => broken({ device: 'dam-b' }), 'calibration-invalid', 'this is device dam-a'],
  ])('%s', async (_, fileOf, code, reason) => {
    const runs = join(temporaryFolder(), 'runs');
    const file = await fileOf();
    for (const command of ['train', 'plan']) {
      const options = ['--board', MOCK, '--calibration', file, '--runs', runs];
      const ended = await fnloop(command, 'breast-cancer', ...options);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(code);
      expect(ended.stderr).toContain(reason);
      expect(ended.stderr).toContain('fnloop calibrate');
    }
    expect(listRunIds(runs)).toEqual([]);
  });

  test('too few good cells', async () => {
    const verdicts = Object.fromEntries(
      Array.from({ length: 20 }, (_, cell) => [2 * cell, 'stuck' as const]),
    );
    const { folder, file } = await calibrated({ nodes: (await calibrationOfMock(mock, { verdicts })).nodes });
    const { code, stderr } = await fnloop(
      ...(['train', 'breast-cancer', '--board', MOCK, '--calibration', file, '--runs', folder] as const),
    );
    expect(code).toBe(4);
    expect(stderr).toContain('has 20 usable cells of 40: 20 are masked by its calibration (nodes: 20 stuck)');
  });

  test('with the other sign, once the first pulses have told', async () => {
    const { runs, file } = await calibrated({ weightSign: -1 });
    const options = ['--board', MOCK, '--calibration', file, '--runs', runs];
    const { code, stderr } = await fnloop('train', 'breast-cancer', ...options);
    expect(code).toBe(6);
    expect(stderr).toMatch(/SET raises the weights of board dam-a:1 .* and its calibration has sign -1/);
  });
});
