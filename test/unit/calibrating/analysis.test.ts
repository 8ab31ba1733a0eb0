import { describe, expect, test } from 'vitest';
import { createMockBoard, type MockChoices } from '../../../mocks/index.ts';
import { analyze } from '../../../src/calibrating/analysis.ts';
import { summarizeCalibration } from '../../../src/calibrating/calibration-summary.ts';
import { chainOf } from '../../../src/calibrating/chain.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { measure } from '../../support/measuring.ts';
import { altered } from '../../support/wire.ts';

const device = 'dam-a-stress';
const brief = { limits: { maxBoardTimeS: 120, maxPulsesPerNode: 40 } };

/** Measures a mock and fits what was recorded. */
async function calibrated(choices: Partial<MockChoices>, tampering = {}, settings: object = brief) {
  const mock = createMockBoard({ preset: device, cells: 64, seed: 5, ...choices });
  const { folder, status } = await measure(mock, {
    runsFolder: temporaryFolder(),
    runId: 'a',
    device,
    settings,
    tampering,
  });
  expect(status).toBe('finished');
  return { mock, analysis: analyze(await chainOf(folder)) };
}

describe('the calibration of a measurement', () => {
  test('is that of the chip: k2 within its sigmas, defects masked, weight sign found', async () => {
    const { mock, analysis } = await calibrated({ stuck: 2, leaky: 2, dead: 2 });
    const { calibration, drift } = await analysis;
    expect(calibration.weightSign).toBe(1);
    expect(drift).toBeNull();
    const { nodes: truth, readGainRel } = mock.truth;
    const pulls: number[] = [];
    calibration.nodes.forEach(({ verdict, fit }, node) => {
      const { defect, k2V = 0 } = truth[node] ?? {};
      expect(verdict === 'good').toBe(defect === undefined || defect === null);
      if (verdict !== 'good' || fit === null) return;
      pulls.push(
        (fit.parameters.tunneling.k2V - k2V * (1 + readGainRel)) / Math.sqrt(fit.covariance[1]?.[1] ?? 0),
      );
    });
    const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length);
    expect(rms).toBeGreaterThan(0.7);
    expect(rms).toBeLessThan(1.3);
  });

  test('says what its numbers are beside the oxide, by verdict and by parameter', async () => {
    const { analysis } = await calibrated({ stuck: 1 });
    const summary = summarizeCalibration(await analysis);
    expect(summary.nodes).toBe(128);
    expect(summary.verdicts).toEqual([
      { verdict: 'good', count: 127, examples: [] },
      { verdict: 'stuck', count: 1, examples: [expect.stringMatching(/^node [SR] of cell \d+: it fell by/)] },
    ]);
    const k2 = summary.parameters.find(({ name }) => name === 'k2V');
    expect(k2?.ratio).toBeCloseTo((k2?.median ?? 0) / 299.617, 4);
    expect(summary.chi2PerDof).toBeGreaterThan(0.95);
    expect(summary.chi2PerDof).toBeLessThan(1.05);
  });

  test('a drift of the temperature is taken into account where the board tells it', async () => {
    const { analysis } = await calibrated({ driftKPerHour: 60 });
    const { calibration } = await analysis;
    expect(calibration.nodes.filter(({ verdict }) => verdict === 'good')).toHaveLength(128);
    expect(summarizeCalibration(await analysis).chi2PerDof).toBeLessThan(1.05);
  });

  test('where it does not, the nodes together tell that there was one, and how large', async () => {
    const { analysis } = await calibrated({ driftKPerHour: 20, sensor: 'off' }, {}, {});
    const { drift } = await analysis;
    const { kelvinPerHour = 0, kelvinPerHourSigma = 0 } = drift ?? {};
    expect(Math.abs(kelvinPerHour - 20)).toBeLessThan(3 * kelvinPerHourSigma);
    expect(kelvinPerHourSigma).toBeLessThan(4);
    expect(summarizeCalibration(await analysis).k2VPerKelvin).toBeGreaterThan(0.5);
  });

  test('a strong one is refused with its likely cause', async () => {
    const { analysis } = await calibrated({ driftKPerHour: 300, sensor: 'off' }, {}, {});
    await expect(analysis).rejects.toMatchObject({
      code: 'chip-unfit',
      message: expect.stringMatching(
        /128 nodes do not follow .* whose temperature drifts by (29|30)\d\.\d K\/h/,
      ),
    });
  });

  test('a chip that warms by more than 20 K is refused', async () => {
    const { analysis } = await calibrated({ driftKPerHour: 900 });
    await expect(analysis).rejects.toMatchObject({
      code: 'chip-unfit',
      message: expect.stringContaining('expected a range of at most 20 K'),
    });
  });

  test('a board that follows no Fowler-Nordheim law is refused, with examples', async () => {
    // What READ reports falls by a wave in time beside tunneling: a drift of the converter, say.
    let reply = 0;
    const wavy = (line: string) => {
      const codes = / codes=([^ *]+)/.exec(line)?.[1];
      if (codes === undefined || line.includes('batch=')) return line;
      reply += 1;
      const bytes = Buffer.from(codes, 'base64');
      const shift = Math.round(2000 * Math.sin(reply / 3));
      for (let at = 0; at < bytes.length; at += 3) bytes.writeIntBE(bytes.readIntBE(at, 3) + shift, at, 3);
      return altered(line, /codes=[^ *]+/, `codes=${bytes.toString('base64')}`);
    };
    const { analysis } = await calibrated({ sensor: 'off' }, { toHost: wavy });
    await expect(analysis).rejects.toMatchObject({
      code: 'chip-unfit',
      message: expect.stringMatching(/of 128 nodes do not follow|none of its 128 nodes is good/),
      problems: expect.arrayContaining([expect.stringContaining('node S of cell 0 is')]),
    });
  });
});

test('a board most of whose nodes are at the end of the converter is refused before any pulse', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8, startV: 11 });
  await expect(measure(mock, { runsFolder: temporaryFolder(), runId: 'a' })).rejects.toMatchObject({
    code: 'chip-unfit',
    message: expect.stringMatching(
      /^16 of 16 nodes of board dam-a:1 cannot be measured: 16 at the end of the converter \(node S of cell 0, /,
    ),
  });
  expect(mock.pulsesApplied(0, 'SET')).toBe(0);
});
