import { type Device, devices } from '../../calibration/devices.ts';
import { electronV } from '../../calibration/fit/node-filter.ts';
import type { Verdict } from '../../calibration/fit/verdict.ts';
import { temperatureLaw, tunnelingAt } from '../../calibration/physics/temperature.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import { type Normal, normalStream } from '../../mocks/random.ts';
import type { Calibration, CalibrationPoints } from '../../src/chip/calibration.ts';

export interface SyntheticSettings {
  readonly rows?: number;
  readonly columns?: number;
  readonly seed?: number;
  /** Readings of a node, about. */
  readonly points?: number;
  /** Verdicts of nodes that are not good. */
  readonly masked?: Readonly<Record<number, Verdict>>;
  readonly sensor?: boolean;
  /** Read noise and shot noise. */
  readonly noise?: boolean;
  /** Whether fits are off by their sigmas, or the truth itself. */
  readonly fitErrors?: boolean;
  readonly startV?: number;
}

interface Step {
  readonly amplitudeV: number;
  readonly durationS: number;
}

const NODE_V_PER_CODE = 4 / 2 ** 23 / 0.4;
const AMPLITUDE_V_PER_CODE = 5 / 2 ** 16;
const READ_NOISE_V = 12.9e-6 / 0.4 / 4;
const READ_S = 0.05;
/** 1 sigma of a fit: k2 in V, and what is left of ln k1 once k2 is known. */
const K2_SIGMA_V = 0.1;
const LN_K1_SIGMA = 0.003;
const COUPLING_SIGMA = 0.0004;
const OFFSET_SIGMA_V = 0.3e-3;
const SCALE_SIGMA = 0.05;
const REASONS: Readonly<Record<Verdict, string | null>> = {
  good: null,
  dead: 'All of its readings were at the end of the converter.',
  clipped: '3 of its readings were at the end of the converter.',
  stuck: 'It fell 2 µV in 600 s, expected 81 mV; pulses moved it by 0 µV.',
  leaky: 'chi2/dof is 41.2 with <tunneling> alone & falls to 1.1 with a leak.',
  'not-fowler-nordheim': 'chi2/dof is 812, noise allows 1.6.',
  'not-converged': 'The fit did not settle in 50 iterations.',
  'too-few-points': 'It was read 3 times, 8 are needed.',
};

/** A calibration of a chip that does what the theory says: points propagated with the true parameters, fits that are off by their sigmas. */
export function syntheticCalibration(
  device: Device,
  {
    rows = 4,
    columns = 8,
    seed = 1,
    points = 150,
    masked = {},
    sensor = true,
    noise = true,
    fitErrors = noise,
    startV = 8.5,
  }: SyntheticSettings = {},
): Calibration {
  const mismatch = normalStream(seed, 'mismatch');
  const reading = normalStream(seed, 'reading');
  const draw: Normal = noise ? reading : () => 0;
  const nodes = Array.from({ length: 2 * rows * columns }, (_, node) => {
    const truth = {
      tunneling: {
        k1PerS: device.tunneling.k1PerS * Math.exp(0.4 * device.decayRate.nodeRel * mismatch()),
        k2V: device.tunneling.k2V * (1 + 0.025 * device.decayRate.nodeRel * mismatch()),
      },
      couplingRel: 0.2 * (1 + device.couplingFF.nodeRel * mismatch()),
      offsetV: device.readOffsetSigmaV * mismatch(),
      temperatureScale: 1 + 0.03 * mismatch(),
    };
    const verdict: Verdict = masked[node] ?? 'good';
    return {
      node,
      truth,
      verdict,
      points: pointsOf(node, truth, steps(points), { device, draw, sensor, startV }),
    };
  });
  return {
    schemaVersion: 1,
    software: { version: '0.1.0', commit: 'abc1234' },
    board: {
      boardId: 'synthetic:1',
      firmware: 'mock-1.0',
      source: 'mock',
      rows,
      columns,
      nodeVPerCode: NODE_V_PER_CODE,
      amplitudeVPerCode: AMPLITUDE_V_PER_CODE,
    },
    device: device.name,
    measured: {
      fromWallNs: '1795333812000000000',
      toWallNs: '1795334000000000000',
      runs: ['20261122-075012-000-calibrate-s1'],
      temperatureK: sensor ? { min: 299.4, mean: 300.1, max: 300.7 } : null,
    },
    expiresWallNs: '1797926000000000000',
    weightSign: 1,
    readNoiseV: READ_NOISE_V,
    given: {
      nodeCapacitanceFF: device.nodeCapacitanceFF.value,
      nodeCapacitanceRel: device.nodeCapacitanceFF.commonRel,
      readGainRel: device.readGain.commonRel,
      dacGain: device.dacGain.value,
      dacGainRel: device.dacGain.commonRel,
      offsetSigmaV: device.readOffsetSigmaV,
    },
    nodes: nodes.map(({ node, truth, verdict }) => ({
      node,
      verdict,
      reason: REASONS[verdict],
      fit: ['dead', 'stuck', 'too-few-points'].includes(verdict)
        ? null
        : fitOf(truth, fitErrors ? reading : () => 0, points),
    })),
    points: nodes.map((node) => node.points),
  };
}

export const damA = devices['dam-a'] as Device;
export const damAStress = devices['dam-a-stress'] as Device;

type Truth = NonNullable<Calibration['nodes'][number]['fit']>['parameters'];

function fitOf(truth: Truth, draw: Normal, points: number): Calibration['nodes'][number]['fit'] {
  const k2OffV = K2_SIGMA_V * draw();
  const perK2V = 1 / truth.tunneling.k2V + 1 / 8.3;
  const variances = [
    LN_K1_SIGMA ** 2 + (perK2V * K2_SIGMA_V) ** 2,
    K2_SIGMA_V ** 2,
    COUPLING_SIGMA ** 2,
    OFFSET_SIGMA_V ** 2,
    SCALE_SIGMA ** 2,
  ];
  const covariance = variances.map((variance, row) =>
    variances.map((_, column) => (row === column ? variance : 0)),
  );
  const cross = perK2V * K2_SIGMA_V ** 2;
  for (const [row, column] of [
    [0, 1],
    [1, 0],
  ] as const) {
    (covariance[row] as number[])[column] = cross;
  }
  return {
    parameters: {
      tunneling: {
        k1PerS: truth.tunneling.k1PerS * Math.exp(perK2V * k2OffV + LN_K1_SIGMA * draw()),
        k2V: truth.tunneling.k2V + k2OffV,
      },
      couplingRel: truth.couplingRel + COUPLING_SIGMA * draw(),
      offsetV: truth.offsetV + 0.1 * OFFSET_SIGMA_V * draw(),
      temperatureScale: truth.temperatureScale + SCALE_SIGMA * draw(),
    },
    covariance,
    diagnostics: {
      points,
      outliers: 0,
      chi2: points - 5,
      dof: points - 5,
      runsZ: 0.3,
      iterations: 6,
      readNoiseV: READ_NOISE_V,
      readNoiseSigmaV: READ_NOISE_V / Math.sqrt(2 * points),
    },
  };
}

/** Reads for the noise, rests that grow, pulses of five amplitudes and two widths between them. */
function steps(points: number): Step[] {
  const done: Step[] = [];
  const read = (count: number) => {
    for (let index = 0; index < count; index += 1) done.push({ amplitudeV: 0, durationS: READ_S });
  };
  read(Math.ceil(points / 10));
  for (let round = 0; done.length < points; round += 1) {
    done.push({ amplitudeV: 0, durationS: 0.5 * 1.35 ** (round % 16) });
    read(1);
    const amplitudeV = [1, 2, 3, 4, 5][round % 5] as number;
    done.push({ amplitudeV, durationS: round % 2 === 0 ? 0.05 : 0.2 });
    read(1);
  }
  return done.slice(0, points);
}

function pointsOf(
  node: number,
  truth: Truth,
  plan: readonly Step[],
  {
    device,
    draw,
    sensor,
    startV,
  }: { readonly device: Device; readonly draw: Normal; readonly sensor: boolean; readonly startV: number },
): CalibrationPoints {
  const points: CalibrationPoints = { node, durationUs: [], dacCode: [], temperatureK: [], code: [] };
  let nodeV = startV;
  let timeS = 0;
  const stage = (amplitudeV: number, durationS: number, isRead: boolean) => {
    timeS += durationS;
    const temperatureK = temperatureLaw.referenceK + (sensor ? 0.7 * Math.sin(timeS / 60) : 0);
    const dacCode = Math.round(amplitudeV / AMPLITUDE_V_PER_CODE / device.dacGain.value);
    const boostV = dacCode * AMPLITUDE_V_PER_CODE * device.dacGain.value * truth.couplingRel;
    const now = tunnelingAt(truth.tunneling, temperatureK, truth.temperatureScale);
    const dropV = tunnelingDropV(nodeV, boostV, durationS, now);
    nodeV -= dropV + Math.sqrt(dropV * electronV(device.nodeCapacitanceFF.value)) * draw();
    points.durationUs.push(durationS * 1e6);
    points.dacCode.push(dacCode);
    points.temperatureK.push(sensor ? temperatureK : null);
    points.code.push(
      isRead ? Math.round((nodeV + truth.offsetV + READ_NOISE_V * draw()) / NODE_V_PER_CODE) : null,
    );
  };
  for (const { amplitudeV, durationS } of plan) {
    if (amplitudeV === 0) {
      stage(0, durationS, true);
      continue;
    }
    stage(0, 0.002, false);
    stage(amplitudeV, durationS, false);
    stage(0, 0.004, true);
  }
  return points;
}
