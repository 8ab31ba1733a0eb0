import type { Device } from '../../calibration/devices.ts';
import { type ArrayFit, fitArray } from '../../calibration/fit/fit-array.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import type { Verdict } from '../../calibration/fit/verdict.ts';
import { convertersOf } from '../board/converters.ts';
import { nodeName } from '../board/nodes.ts';
import { CALIBRATION_VERSION, type Calibration } from '../chip/calibration.ts';
import { FnloopError } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import { RunReader } from '../store/run-reader.ts';
import { seriesOf } from './array-points.ts';
import { believedOf } from './calibration-plan.ts';
import type { Chain } from './chain.ts';
import { type PresumedDrift, presumedDrift } from './presumed-drift.ts';
import { type RunRecord, recordOf } from './run-record.ts';
import { pointsOf } from './stages.ts';

/** What a measurement tells of a chip. */
export interface Analysis {
  readonly calibration: Calibration;
  readonly readNoiseSigmaV: number;
  /** How the temperature of a chip without a sensor seems to have drifted; null where it does not, or was measured. */
  readonly drift: PresumedDrift | null;
}

/** A chip that was warmer and cooler by more is not one state of a chip. */
const MOST_TEMPERATURE_RANGE_K = 20;
const NS_PER_DAY = 86_400_000_000_000n;
const PARTS_PER_DAY = 1_000_000;
/** Chance does as much in one of a million measurements. */
const LEAST_CHI2_LESS = 24;

/**
 * Fits all that the runs of a measurement recorded, together. Throws `chip-unfit`, with the numbers, where that makes no
 * calibration: the sign was never found, no node is good, most do not follow the law, the temperature moved too far.
 */
export async function analyze({ folders, manifests }: Chain): Promise<Analysis> {
  const [first] = manifests;
  const last = manifests.at(-1) ?? first;
  const { device } = first;
  const sign = manifests.findLast(({ weightSign }) => weightSign !== undefined)?.weightSign;
  if (sign === undefined) {
    throw unfit(`run ${last.runId} ended before its first pulse, so the sign of the weight is not known`);
  }
  const records: RunRecord[] = [];
  for (const folder of folders) records.push(await RunReader.with(folder, (run) => recordOf(run, sign)));
  const temperatureK = temperaturesOf(records);
  const points = pointsOf(records);
  const converters = convertersOf(first.board.identity);
  const series = points.map((each) => seriesOf(each, converters, device.dacGain.value));
  const believed = believedOf(device, converters);
  const fit = fitArray(series, believed);
  const drift = temperatureK === null ? driftOf(series, fit, believed) : undefined;
  assertUsable(fit, drift);
  const { identity } = last.board;
  const { boardId, firmware, source, rows, columns } = identity;
  const toWallNs = last.endedWallNs ?? last.startedWallNs;
  const validFor = BigInt(Math.round(first.measurement.settings.validForDays * PARTS_PER_DAY));
  return {
    calibration: {
      schemaVersion: CALIBRATION_VERSION,
      software: softwareVersion(),
      board: {
        boardId,
        firmware,
        source,
        rows,
        columns,
        nodeVPerCode: converters.nodeVPerCode,
        amplitudeVPerCode: converters.amplitudeVPerCode,
      },
      device: device.name,
      measured: {
        fromWallNs: first.startedWallNs,
        toWallNs,
        runs: manifests.map(({ runId }) => runId),
        temperatureK,
      },
      expiresWallNs: String(BigInt(toWallNs) + (validFor * NS_PER_DAY) / BigInt(PARTS_PER_DAY)),
      weightSign: sign,
      readNoiseV: fit.readNoiseV,
      given: givenOf(device),
      nodes: fit.nodes.map((node) => structuredClone(node)) as Calibration['nodes'],
      points,
    },
    readNoiseSigmaV: fit.readNoiseSigmaV,
    drift: drift ?? null,
  };
}

/** Of the nodes that would be taken for good or, where that is most of them, of those that do not follow the law. */
function driftOf(
  series: readonly NodeSeries[],
  { nodes, readNoiseV }: ArrayFit,
  believed: FitSettings,
): PresumedDrift | undefined {
  const lawless = nodes.filter(({ verdict }) => verdict === 'not-fowler-nordheim').length;
  const shared: Verdict = lawless > nodes.length / 2 ? 'not-fowler-nordheim' : 'good';
  const sample = series.filter((_, index) => nodes[index]?.verdict === shared);
  const drift = presumedDrift(sample, believed, shared === 'good' ? readNoiseV : believed.readNoiseV);
  return drift !== undefined && drift.chi2Less > LEAST_CHI2_LESS ? drift : undefined;
}

function temperaturesOf(records: readonly RunRecord[]): Calibration['measured']['temperatureK'] {
  const found = records.flatMap(({ boots }) =>
    boots.flatMap(({ temperatures }) => temperatures.map(({ temperatureK }) => temperatureK)),
  );
  if (found.length === 0) return null;
  const [min, max] = [Math.min(...found), Math.max(...found)];
  if (max - min > MOST_TEMPERATURE_RANGE_K) {
    throw unfit(
      `the chip was at ${min.toFixed(1)} to ${max.toFixed(1)} K during the measurement, expected a range of at most ${MOST_TEMPERATURE_RANGE_K} K`,
    );
  }
  return { min, mean: found.reduce((sum, kelvin) => sum + kelvin, 0) / found.length, max };
}

const givenOf = (device: Device): Calibration['given'] => ({
  nodeCapacitanceFF: device.nodeCapacitanceFF.value,
  nodeCapacitanceRel: device.nodeCapacitanceFF.commonRel,
  readGainRel: device.readGain.commonRel,
  dacGain: device.dacGain.value,
  dacGainRel: device.dacGain.commonRel,
  offsetSigmaV: device.readOffsetSigmaV,
});

function assertUsable({ nodes }: ArrayFit, drift: PresumedDrift | undefined): void {
  const count = (verdict: Verdict) => nodes.filter((node) => node.verdict === verdict).length;
  const lawless = count('not-fowler-nordheim');
  const problems = examples(nodes);
  if (lawless > nodes.length / 2) {
    const cause =
      drift === undefined
        ? 'No drift of the temperature explains that: is this the device that was named?'
        : `All of them together follow it much better on a chip whose temperature drifts by ${drift.kelvinPerHour.toFixed(1)} K/h: keep it steady, or use a board that tells it.`;
    throw unfit(
      `${lawless} of ${nodes.length} nodes do not follow Fowler-Nordheim tunneling. ${cause}`,
      problems,
    );
  }
  if (count('good') === 0) throw unfit(`none of its ${nodes.length} nodes is good`, problems);
}

const MOST_EXAMPLES = 5;

const examples = (nodes: ArrayFit['nodes']): string[] =>
  nodes
    .filter(({ verdict }) => verdict !== 'good')
    .slice(0, MOST_EXAMPLES)
    .map(({ node, verdict, reason }) => `${nodeName(node)} is ${verdict}: ${reason}`);

const unfit = (reason: string, problems: readonly string[] = []) =>
  new FnloopError(
    'chip-unfit',
    `There is no calibration: ${reason}${/[.?]$/.test(reason) ? '' : '.'} Nothing was written beside the record of the run.`,
    { problems },
  );
