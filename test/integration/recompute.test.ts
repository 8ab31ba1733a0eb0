import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createChip } from '../../mocks/index.ts';
import { writeCalibration } from '../../src/chip/calibration-file.ts';
import { systemClock } from '../../src/core/clock.ts';
import { recomputeRun } from '../../src/settling/recompute-run.ts';
import { findRun } from '../../src/store/run-folder.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { Spool } from '../../src/store/spool.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import type { Row } from '../../src/store/tables.ts';
import { calibrationOfMock } from '../support/calibration.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

const CHIP = { preset: 'dam-a', cells: 40, seed: 3 } as const;
const BOARD = 'mock:dam-a?cells=40&seed=3';

const updatesIn = (folder: string): Promise<Row<'updates'>[]> =>
  RunReader.with(folder, (run) => run.rows('updates'));

async function trained() {
  const runs = join(temporaryFolder(), 'runs');
  const { file } = await fnloopJson<RunSummary>(
    ...['train', 'breast-cancer', '--board', BOARD, '--steps', '8', '--runs', runs],
  );
  return { runs, folder: dirname(file) };
}

async function calibrationFor(board: typeof CHIP | (Omit<typeof CHIP, 'seed'> & { readonly seed: number })) {
  const file = join(temporaryFolder(), 'calibration.json');
  const expiresWallNs = String((BigInt(Date.now()) + 86_400_000n) * 1_000_000n);
  writeCalibration(file, await calibrationOfMock(board, { changes: { expiresWallNs } }));
  return file;
}

describe('fnloop runs recompute', () => {
  test('derives the same again from the same codes and beliefs, to the last digit', async () => {
    const { runs, folder } = await trained();
    const before = await updatesIn(folder);
    expect((await fnloop('runs', 'recompute', 'last', '--runs', runs)).code).toBe(0);
    expect(before.length).toBeGreaterThan(100);
    expect(await updatesIn(folder)).toEqual(before);
  });

  test('with a calibration, comes nearer to the truth and says by which; codes, weights and times stay', async () => {
    const { runs, folder } = await trained();
    const before = await updatesIn(folder);
    const file = await calibrationFor(CHIP);
    const after = await fnloopJson<RunSummary>(
      ...['runs', 'recompute', 'last', '--calibration', file, '--runs', runs],
    );
    expect(after.calibration).toMatchObject({ file, goodNodes: 80 });
    const rows = await updatesIn(folder);
    const same = ({ update_id, step, cell, kind, weight_after_v, wanted_v, time_ns }: Row<'updates'>) => ({
      ...{ update_id, step, cell, kind, weight_after_v, wanted_v, time_ns },
    });
    expect(rows.map(same)).toEqual(before.map(same));

    // The mock's own coupling, of which nobody knew the mismatch before.
    const { nodes } = createChip(CHIP).truth;
    const meanError = (found: readonly Row<'updates'>[]) => {
      const errors = found.map(({ cell, kind, charge_driven_fc, amplitude_v }) => {
        const { couplingFF = 0, nodeCapacitanceFF = 1 } = nodes[2 * cell + (kind === 'SET' ? 0 : 1)] ?? {};
        return Math.abs(charge_driven_fc / (1000 * amplitude_v) / (couplingFF / nodeCapacitanceFF) - 1);
      });
      return errors.reduce((sum, error) => sum + error, 0) / errors.length;
    };
    expect(meanError(rows)).toBeLessThan(0.5 * meanError(before));
    await RunReader.with(folder, async (run) => {
      const [event] = await run.query<{ detail: string }>(
        `SELECT detail FROM events WHERE name = 'recomputed'`,
      );
      expect(JSON.parse(event?.detail ?? '')).toMatchObject({
        before: { calibration: null },
        after: { calibration: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
    });
  });

  test('refuses the calibration of another board, and changes nothing', async () => {
    const { runs, folder } = await trained();
    const before = await updatesIn(folder);
    const file = await calibrationFor({ ...CHIP, seed: 4 });
    const { code, stderr } = await fnloop(
      ...['runs', 'recompute', 'last', '--calibration', file, '--runs', runs],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('calibration-invalid');
    expect(await updatesIn(folder)).toEqual(before);
  });

  test('a run that went through a crash and a restart of its board comes out the same', async () => {
    const runs = join(temporaryFolder(), 'runs');
    const { code, stderr } = await fnloop(
      ...['soak', '--board', 'mock:dam-a?cells=32&seed=1', '--updates', '6000', '--kills', '1'],
      ...['--faults', 'reboot:1@3000,drop:0.01', '--runs', runs],
    );
    expect(stderr).not.toContain('Error');
    expect(code).toBe(0);
    const folder = findRun(runs, 'last');
    const before = await updatesIn(folder);
    await recomputeRun(folder, { calibration: undefined, software: NOBODY }, systemClock);
    expect(await updatesIn(folder)).toEqual(before);
  });

  test('what a database has of it is to be shipped anew', async () => {
    const { folder } = await trained();
    const spool = await Spool.open(folder);
    const place = { target: 't', schema: 2, measurement: 'update', wall_ns: 1n };
    await spool.add({ shipped: [{ ...place, next_row: 77 }] });
    spool.close();
    await recomputeRun(folder, { calibration: undefined, software: NOBODY }, systemClock);
    await RunReader.with(folder, async (run) => {
      const places = await run.rows('shipped');
      expect(places.map(({ next_row }) => next_row)).toEqual([77, 0]);
    });
  });
});

const NOBODY = { version: '0', commit: null, node: '20' };
