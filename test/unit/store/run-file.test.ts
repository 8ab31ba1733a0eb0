import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noLinkStatistics } from '../../../src/board/link-statistics.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { findRun, listRunIds, newRunId } from '../../../src/store/run-folder.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { summarize } from '../../../src/store/summary.ts';
import type { Row } from '../../../src/store/tables.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { rowOf } from '../../support/run-rows.ts';

const experiment = {
  task: { name: 'breast-cancer' },
  method: { name: 'gradient' },
  policy: { name: 'matched' },
};
const manifest = { runId: 'r1', source: 'mock', experiment, board: { identity: { boardTimeUs: 1_000_000 } } };

async function written(updates: readonly Row<'updates'>[], isEnded = true): Promise<string> {
  const folder = join(temporaryFolder(), 'r1');
  const file = await RunFile.create(folder, systemClock);
  await file.begin(manifest);
  await file.record({
    step: rowOf('steps', { step: 3, test_accuracy: 0.9, board_time_us: 5_000_000 }),
    reading: {
      bootNonce: 42,
      boardTimeUs: 5_000_000,
      temperatureK: 301.25,
      cells: [{ cell: 3, setCode: 7, resetCode: 8, convertedUs: 4_990_000 }],
    },
    updates,
    link: noLinkStatistics(),
  });
  if (isEnded) await file.end('finished', noLinkStatistics(), { note: "it's" });
  return folder;
}

describe('a run file', () => {
  test('gives back what was written, nanoseconds included', async () => {
    const folder = await written([rowOf('updates', { wanted_v: null, kind: 'SET' })]);
    await RunReader.with(folder, async (run) => {
      expect(run.manifest).toMatchObject({ ...manifest, status: 'finished', note: "it's" });
      const [step] = await run.rows('steps');
      expect(step).toMatchObject({ step: 3, wall_ns: 1_700_000_000_123_456_789n, board_time_us: 5_000_000 });
      expect(await run.rows('readings')).toEqual([
        expect.objectContaining({ cell: 3, set_code: 7, reset_code: 8, temperature_k: 301.25 }),
      ]);
      const [update] = await run.rows('updates');
      expect(update).toMatchObject({ wanted_v: null, kind: 'SET' });
    });
  });

  test('sums sigmas by their causes', async () => {
    const part = (cell: number, kind: string) =>
      rowOf('updates', {
        cell,
        kind,
        pulses: 2,
        energy_full_cycle_fj: 8,
        energy_full_cycle_noise_sigma_fj: 0.3,
        energy_full_cycle_node_sigma_fj: 0.04,
        energy_full_cycle_common_sigma_fj: 0.1,
        bound_matched_zj: 10,
      });
    const folder = await written([part(0, 'SET'), part(0, 'SET'), part(0, 'RESET'), part(1, 'SET')]);
    const summary = await RunReader.with(folder, summarize);
    const sigma = Math.sqrt(4 * 0.3 ** 2 + (0.08 ** 2 + 0.04 ** 2 + 0.04 ** 2) + 0.4 ** 2) / 4;
    expect(summary.energyFJ['full-cycle']).toEqual({ mean: 8, sigma: expect.closeTo(sigma, 12), total: 32 });
    expect(summary).toMatchObject({ updates: 4, pulses: 8, boardTimeS: 4, accuracy: { test: 0.9 } });
    expect(summary.bounds.matched).toEqual({ perUpdateZJ: 10, totalZJ: 40 });
    expect(summary.ratio).toEqual({
      estimator: 'full-cycle',
      bound: 'matched',
      value: expect.closeTo(8e5, 3),
      sigma: expect.closeTo(sigma * 1e5, 3),
      reason: null,
    });
  });

  test('says so when an energy is below its bound', async () => {
    const low = rowOf('updates', {
      energy_tunneling_fj: 1e-6,
      energy_tunneling_noise_sigma_fj: 1e-9,
      energy_tunneling_node_sigma_fj: 0,
      energy_tunneling_common_sigma_fj: 0,
      bound_matched_zj: 20,
    });
    const { faults } = await RunReader.with(await written([low]), summarize);
    expect(faults).toEqual(['energy (tunneling), 1.0000 ± 0.0010 zJ, is below bound (matched), 20.0 zJ']);
  });

  test('without updates has no means and no ratio, and says why', async () => {
    const summary = await RunReader.with(await written([]), summarize);
    expect(summary.energyFJ.tunneling).toEqual({ mean: null, sigma: null, total: 0 });
    expect(summary.ratio).toMatchObject({ value: null, reason: 'there were no updates' });
  });
});

describe('bad files', () => {
  const failure = (message: RegExp) =>
    expect.objectContaining({ code: 'record-failed', message: expect.stringMatching(message) });

  test('one that is no database', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'run.duckdb'), 'not a database at all');
    await expect(RunReader.open(folder)).rejects.toEqual(failure(/Cannot open the run file .*run\.duckdb/));
  });

  test('one of another schema', async () => {
    const folder = join(temporaryFolder(), 'r');
    const file = await RunFile.create(folder, systemClock);
    await file.begin({ ...manifest, schemaVersion: 99 });
    await file.end('finished', noLinkStatistics());
    await expect(RunReader.open(folder)).rejects.toEqual(
      failure(/has schema version 99, this fnloop reads 5/),
    );
  });

  test('a run folder that cannot be made', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'taken'), '');
    for (const place of [join(folder, 'taken', 'r'), '/proc/none/r', '/dev/null/r']) {
      await expect(RunFile.create(place, systemClock)).rejects.toEqual(
        failure(/Cannot create the run folder/),
      );
    }
    expect(() => listRunIds(join(folder, 'taken'))).toThrow(
      expect.objectContaining({ code: 'file-missing' }),
    );
  });
});

describe('the folder of runs', () => {
  test('finds runs by id, path and last', async () => {
    const folder = await written([]);
    const runs = join(folder, '..');
    expect(listRunIds(runs)).toEqual(['r1']);
    for (const name of ['r1', 'last', folder, join(folder, 'run.duckdb')]) {
      expect(listRunIds(join(findRun(runs, name), '..'))).toEqual(['r1']);
    }
    mkdirSync(join(runs, 'unrelated'));
    expect(listRunIds(runs)).toEqual(['r1']);
    expect(() => findRun(runs, 'r2')).toThrow(
      expect.objectContaining({
        code: 'file-missing',
        message: expect.stringContaining(`did you mean 'r1'?`),
      }),
    );
    expect(() => findRun(join(runs, 'none'), 'last')).toThrow(/the folder has no runs/);
  });

  test('ids sort by time, to the millisecond', () => {
    const at = BigInt(Date.UTC(2026, 10, 21, 22, 17, 26, 123)) * 1_000_000n;
    expect(newRunId(at, 'breast-cancer', 1)).toMatch(/^20261121-221726-123-breast-cancer-s1$/);
  });
});
