import { describe, expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import { electronV, filterPoint, NodeFilter } from '../../../calibration/fit/node-filter.ts';
import type { NodeSeries } from '../../../calibration/fit/node-series.ts';
import { replay } from '../../../calibration/fit/replay.ts';
import type { WeightSign } from '../../../calibration/physics/cell.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { convertersOf } from '../../../src/board/converters.ts';
import { seriesOf } from '../../../src/calibrating/array-points.ts';
import { believedOf } from '../../../src/calibrating/calibration-plan.ts';
import { recordOf } from '../../../src/calibrating/run-record.ts';
import { pointsOf } from '../../../src/calibrating/stages.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { type Measuring, measure } from '../../support/measuring.ts';
import { altered, boardOn, wireTo } from '../../support/wire.ts';

const device = devices['dam-a'];
if (device === undefined) throw new Error('dam-a is gone');

/** The points of runs of one measurement. */
async function pointsFrom(folders: readonly string[], sign: WeightSign = 1) {
  const records = [];
  for (const folder of folders) records.push(await RunReader.with(folder, (run) => recordOf(run, sign)));
  const [first] = records;
  if (first === undefined) throw new Error('no run');
  return { points: pointsOf(records), converters: convertersOf(first.board) };
}

/** How far chi square of the readings, at a nominal chip's true parameters, is from their number, in standard deviations. */
function misfit(series: readonly NodeSeries[], converters: ReturnType<typeof convertersOf>) {
  if (device === undefined) throw new Error('dam-a is gone');
  const { start, readNoiseV, nodeCapacitanceFF } = believedOf(device, converters);
  let chi2 = 0;
  let count = 0;
  for (const each of series) {
    const filter = new NodeFilter(filterPoint(start, 8), {
      readVariance: readNoiseV ** 2,
      electronV: electronV(nodeCapacitanceFF),
    });
    replay(each, filter, new Uint8Array(each.readV.length));
    chi2 += filter.chi2;
    count += filter.count;
  }
  return { z: (chi2 - count) / Math.sqrt(2 * count), count };
}

const brief = { limits: { maxBoardTimeS: 60, maxPulsesPerNode: 20 } };
const run = (choices: Partial<Measuring> = {}): Measuring => ({
  runsFolder: temporaryFolder(),
  runId: 'a',
  settings: brief,
  ...choices,
});
/** A chip that is exactly what the device says, but for noise. */
const nominal = (cells: number) => createMockBoard({ preset: 'dam-a', cells, mismatch: 'off' });

describe('points rebuilt from a run file', () => {
  test.each([
    ['both kinds', 64],
    // 512 pulses of one color do not fit a batch: their slot is cut.
    ['several batches a color', 1024],
  ])('lead the true parameters to what was read, to within noise: %s', async (_, cells) => {
    const { folder, status } = await measure(nominal(cells), run());
    expect(status).toBe('finished');
    const { points, converters } = await pointsFrom([folder]);
    expect(points).toHaveLength(2 * cells);
    expect(points.every(({ durationUs }) => durationUs.every((us) => us !== null))).toBe(true);
    const series = points.map((each) => seriesOf(each, converters, device.dacGain.value));
    for (const kind of [0, 1]) {
      const { z, count } = misfit(
        series.filter(({ node }) => node % 2 === kind),
        converters,
      );
      expect(count).toBeGreaterThan(40 * cells);
      expect(Math.abs(z)).toBeLessThan(4);
    }
  });

  test('stages of a time that is off by one conversion would be seen', async () => {
    const { folder } = await measure(nominal(64), run());
    const { points, converters } = await pointsFrom([folder]);
    const series = points.map((each) => {
      const durationUs = each.durationUs.map((us, index) =>
        each.dacCode[index] === 0 || us === null ? us : us + 2048,
      );
      return seriesOf({ ...each, durationUs }, converters, device.dacGain.value);
    });
    expect(misfit(series, converters).z).toBeGreaterThan(50);
  });

  test('a board that restarts in mid-run breaks every series once, and the rest holds', async () => {
    const mock = nominal(64);
    const onAction = ({ step }: { step: number }) => {
      if (step === 9) mock.reboot();
    };
    const { folder, status } = await measure(mock, run({ onAction }));
    expect(status).toBe('finished');
    const { points, converters } = await pointsFrom([folder]);
    for (const { durationUs } of points) expect(durationUs.filter((us) => us === null)).toHaveLength(1);
    const series = points.map((each) => seriesOf(each, converters, device.dacGain.value));
    expect(Math.abs(misfit(series, converters).z)).toBeLessThan(4);
  });

  test('power that fails in a batch: pulses that were inferred are in no series', async () => {
    const mock = nominal(64);
    const onAction = ({ step }: { step: number }) => {
      if (step === 9) mock.brownOut(1);
    };
    const { folder, status } = await measure(mock, run({ onAction }));
    expect(status).toBe('finished');
    const [inferred] = await RunReader.with(folder, (reader) =>
      reader.query<{ pulses: number }>('SELECT count(*) AS pulses FROM pulses WHERE before_code IS NULL'),
    );
    expect(inferred?.pulses).toBe(32);
    const { points, converters } = await pointsFrom([folder]);
    const series = points.map((each) => seriesOf(each, converters, device.dacGain.value));
    expect(Math.abs(misfit(series, converters).z)).toBeLessThan(4);
  });

  test('where READ has S and R exchanged, a SET pulse acts on the node that is read as R', async () => {
    const exchanged = (line: string) => {
      const codes = / codes=(.*)\*/.exec(line)?.[1];
      if (codes === undefined || line.includes('batch=')) return line;
      return altered(line, /codes=[^ *]*/, `codes=${codes.split(' ')[0]?.replace(/(.{4})(.{4})/g, '$2$1')}`);
    };
    const { folder } = await measure(nominal(64), run({ tampering: { toHost: exchanged } }));
    expect(await RunReader.with(folder, async ({ manifest }) => manifest.weightSign)).toBe(-1);
    const { points, converters } = await pointsFrom([folder], -1);
    const series = points.map((each) => seriesOf(each, converters, device.dacGain.value));
    expect(Math.abs(misfit(series, converters).z)).toBeLessThan(4);
  });

  test('a measurement that was interrupted goes on where it ended; nothing is pulsed twice', async () => {
    const mock = nominal(64);
    const stop = new AbortController();
    const onAction = ({ step }: { step: number }) => {
      if (step === 6) stop.abort();
    };
    const runsFolder = temporaryFolder();
    const first = await measure(mock, run({ runsFolder, onAction, signal: stop.signal }));
    expect(first.status).toBe('interrupted');
    const second = await measure(mock, run({ runsFolder, runId: 'b', continues: 'a' }));
    expect(second.status).toBe('finished');
    const { pulsesPerNode } = first.plan.measurement;
    for (const cell of [0, 17, 63]) {
      expect(mock.pulsesApplied(cell, 'SET')).toBe(pulsesPerNode + 1);
      expect(mock.pulsesApplied(cell, 'RESET')).toBe(pulsesPerNode);
    }
    const { points, converters } = await pointsFrom([first.folder, second.folder]);
    // The board's clock went on, and nobody else pulsed: no stage is of unknown length.
    for (const { durationUs } of points) expect(durationUs).not.toContain(null);
    const series = points.map((each) => seriesOf(each, converters, device.dacGain.value));
    expect(Math.abs(misfit(series, converters).z)).toBeLessThan(4);
  });

  test('where it was interrupted between the groups of a pulse, only those left are pulsed', async () => {
    const mock = nominal(64);
    const stop = new AbortController();
    let batches = 0;
    const toBoard = (line: string) => {
      // The sign takes two batches and each pulse four: the second of the third pulse.
      if (line.includes(' RUN ') && ++batches === 2 + 2 * 4 + 2) stop.abort();
      return line;
    };
    const runsFolder = temporaryFolder();
    const first = await measure(mock, run({ runsFolder, tampering: { toBoard }, signal: stop.signal }));
    expect(first.status).toBe('interrupted');
    const second = await measure(mock, run({ runsFolder, runId: 'b', continues: 'a' }));
    expect(second.status).toBe('finished');
    const { pulsesPerNode } = first.plan.measurement;
    for (const cell of [0, 1, 62, 63]) {
      expect(mock.pulsesApplied(cell, 'SET')).toBe(pulsesPerNode + 1);
      expect(mock.pulsesApplied(cell, 'RESET')).toBe(pulsesPerNode);
    }
  });

  test('where somebody else ran a batch in between, what follows stands for itself', async () => {
    const mock = nominal(64);
    const stop = new AbortController();
    const onAction = ({ step }: { step: number }) => {
      if (step === 6) stop.abort();
    };
    const runsFolder = temporaryFolder();
    const first = await measure(mock, run({ runsFolder, onAction, signal: stop.signal }));
    const board = await boardOn(wireTo(mock));
    await board.define([{ wave: 0, amplitudeV: 5, widthUs: 100_000 }]);
    await board.arm();
    const slots = [[{ cell: 5, kind: 'SET' as const, wave: 0 }]];
    await board.run({ batch: board.identity.lastBatch + 1, gapUs: 0, slots });
    await board.close();
    const second = await measure(mock, run({ runsFolder, runId: 'b', continues: 'a' }));
    const { points, converters } = await pointsFrom([first.folder, second.folder]);
    for (const { durationUs } of points) expect(durationUs.filter((us) => us === null)).toHaveLength(1);
    const series = points.map((each) => seriesOf(each, converters, device.dacGain.value));
    expect(Math.abs(misfit(series, converters).z)).toBeLessThan(4);
  });
});
