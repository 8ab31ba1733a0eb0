import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ComparedRun } from '../../src/comparing/compared-run.ts';
import type { PolicyComparison } from '../../src/comparing/comparison.ts';
import { listRunIds } from '../../src/store/run-folder.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

interface Printed extends PolicyComparison {
  readonly report: string;
  readonly figures: string;
  readonly data: string;
}

describe('fnloop compare', () => {
  test('trains under each policy and each width, and says what each cost by its own run files', {
    timeout: 120_000,
  }, async () => {
    const runs = join(temporaryFolder(), 'runs');
    const found = await fnloopJson<Printed>(
      ...['compare', 'breast-cancer', '--seeds', '2', '--steps', '12', '--widths', '1/4', '--runs', runs],
    );
    expect(listRunIds(runs)).toHaveLength(12);
    expect(found.policies.map(({ policy }) => policy)).toEqual(['matched', 'constant-step', 'write-verify']);
    expect(found.variants.map(({ pulse: { widthUs } }) => widthUs)).toEqual([50_000, 50_000, 50_000]);
    const [matched, , verified] = found.policies;
    const [short] = found.variants;
    expect(short?.totalFJ.mean).toBeGreaterThan(3 * (matched?.totalFJ.mean ?? 0));
    expect(short?.boardTimeS.mean).toBeLessThan(0.5 * (matched?.boardTimeS.mean ?? 0));
    expect(verified?.pulses.mean).toBeGreaterThan(verified?.updates.mean ?? 0);
    expect(verified?.partsFJ.verify).toBeGreaterThan(0);

    const { trainings } = JSON.parse(readFileSync(found.data, 'utf8')) as { trainings: ComparedRun[] };
    for (const { runId, cells, partsFJ, course } of trainings) {
      const { total } = await RunReader.with(join(runs, runId), async (run) => {
        const [row] = await run.query<{ total: number }>(
          'SELECT fsum(energy_full_cycle_fj + energy_tunneling_fj + energy_drift_fj) AS total FROM updates',
        );
        return { total: row?.total ?? 0 };
      });
      expect(cells.total / total).toBeCloseTo(1, 9);
      expect((course.at(-1)?.energyFJ ?? 0) / total).toBeCloseTo(1, 9);
      const parts = Object.values(partsFJ).reduce((sum, part) => sum + part, 0);
      expect(Math.abs(parts / total - 1)).toBeLessThan(1e-3);
    }
    expect(readFileSync(found.report, 'utf8')).toContain('Mock data');
    for (const name of ['energy-accuracy', 'energy-speed', 'waterfall'])
      expect(existsSync(join(found.figures, `${name}.svg`)), name).toBe(true);
  });

  test.each([
    [['--policies', 'matched,none'], 'Expected some of matched, constant-step, write-verify'],
    [['--policies', 'matched,matched'], 'each once'],
    [['--widths', '1/0'], 'Expected shares of the width'],
    [['--widths', '-1'], 'Expected shares of the width'],
    [['--seeds', '0'], 'Expected a whole number from 1 to 1000'],
  ])('%j is refused', async (choice, message) => {
    const { code, stderr } = await fnloop('compare', 'breast-cancer', ...choice);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a width for which the board has no amplitude is refused, after what was asked for besides', async () => {
    const runs = join(temporaryFolder(), 'runs');
    const { code, stderr } = await fnloop(
      ...['compare', 'breast-cancer-fast', '--policies', 'matched', '--seeds', '1', '--steps', '2'],
      ...['--widths', '1/50', '--runs', runs],
    );
    expect(code).toBe(4);
    expect(stderr).toMatch(/limit-exceeded|amplitude/);
    expect(stderr).toContain('2 of 2: seed 1, matched, 1000 us');
  });
});
