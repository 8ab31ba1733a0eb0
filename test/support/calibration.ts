import { devices } from '../../calibration/devices.ts';
import type { NodeResult } from '../../calibration/fit/node-fit.ts';
import type { Verdict } from '../../calibration/fit/verdict.ts';
import { createMockBoard, type MockChoices } from '../../mocks/index.ts';
import { type Normal, normalStream } from '../../mocks/random.ts';
import type { Board } from '../../src/board/board.ts';
import { convertersOf } from '../../src/board/converters.ts';
import type { BoardIdentity } from '../../src/board/types.ts';
import { CALIBRATION_VERSION, type Calibration } from '../../src/chip/calibration.ts';
import { trueNodesOf } from './true-nodes.ts';
import { boardOn, wireTo } from './wire.ts';

/** A node as a voltage read-out would find it with endless patience. */
export interface TrueNode {
  readonly k1PerS: number;
  readonly k2V: number;
  readonly couplingRel: number;
  readonly offsetV: number;
}

/** What a good measurement leaves uncertain: k2 (V), the rate at 8.3 V and the coupling ratio (relative). 1 sigma. */
export interface Uncertainty {
  readonly k2V: number;
  readonly rateRel: number;
  readonly couplingRel: number;
}

export const measured: Uncertainty = { k2V: 0.1, rateRel: 0.003, couplingRel: 0.002 };

/** Where the rate of tunneling is known best, V. */
const PIVOT_V = 8.3;
export const NOW_NS = 1_795_000_000_000_000_000n;
const DAY_NS = 86_400_000_000_000n;

interface Choices {
  readonly device?: string;
  readonly seed?: number;
  readonly uncertainty?: Uncertainty;
  /** Nodes that are not good. */
  readonly verdicts?: Readonly<Record<number, Verdict>>;
  readonly weightSign?: 1 | -1;
  readonly changes?: Partial<Calibration>;
}

/** A calibration as a measurement of these nodes could have come out. */
export function calibrationOfNodes(
  board: BoardIdentity,
  nodes: readonly TrueNode[],
  {
    device = 'dam-a',
    seed = 1,
    uncertainty = measured,
    verdicts = {},
    weightSign = 1,
    changes = {},
  }: Choices = {},
): Calibration {
  const { nodeVPerCode, amplitudeVPerCode } = convertersOf(board);
  const nominal = devices[device];
  if (nominal === undefined) throw new Error(`there is no device ${device}`);
  const { nodeCapacitanceFF, readGain, dacGain, readOffsetSigmaV } = nominal;
  const { boardId, firmware, source, rows, columns } = board;
  const normal = normalStream(seed, 'reading');
  return {
    schemaVersion: CALIBRATION_VERSION,
    software: { version: '0.0.0', commit: null },
    board: { boardId, firmware, source, rows, columns, nodeVPerCode, amplitudeVPerCode },
    device,
    measured: {
      fromWallNs: String(NOW_NS - 2n * DAY_NS),
      toWallNs: String(NOW_NS - DAY_NS),
      runs: ['20261118-000000-000-calibrate-s1'],
      temperatureK: { min: 300, mean: 300, max: 300 },
    },
    expiresWallNs: String(NOW_NS + 29n * DAY_NS),
    weightSign,
    readNoiseV: 8.1e-6,
    given: {
      nodeCapacitanceFF: nodeCapacitanceFF.value,
      nodeCapacitanceRel: nodeCapacitanceFF.commonRel,
      readGainRel: readGain.commonRel,
      dacGain: dacGain.value,
      dacGainRel: dacGain.commonRel,
      offsetSigmaV: readOffsetSigmaV,
    },
    nodes: nodes.map((node, index) => result(index, node, uncertainty, normal, verdicts[index] ?? 'good')),
    points: [],
    ...changes,
  };
}

/** A calibration of the chip that a mock with these choices has. */
export async function calibrationOfMock(mock: MockChoices, choices: Choices = {}): Promise<Calibration> {
  const board: Board = await boardOn(wireTo(createMockBoard(mock)));
  await board.close();
  return calibrationOfNodes(board.identity, trueNodesOf(mock), {
    device: typeof mock.preset === 'string' ? mock.preset : mock.preset.name,
    ...choices,
  });
}

function result(
  node: number,
  truth: TrueNode,
  { k2V, rateRel, couplingRel }: Uncertainty,
  normal: Normal,
  verdict: Verdict,
): NodeResult {
  const k2ErrorV = k2V * normal();
  // ln of the rate falls by this for each volt of k2: the error of k1 has to make up for it.
  const perV = 1 / truth.k2V + 1 / PIVOT_V;
  const lnK1Error = perV * k2ErrorV + rateRel * normal();
  const variance = k2V ** 2;
  if (verdict === 'dead') return { node, verdict, reason: 'It reads 4.0000 V each time.', fit: null };
  return {
    node,
    verdict,
    reason: verdict === 'good' ? null : `It is ${verdict}.`,
    fit: {
      parameters: {
        tunneling: { k1PerS: truth.k1PerS * Math.exp(lnK1Error), k2V: truth.k2V + k2ErrorV },
        couplingRel: truth.couplingRel * (1 + couplingRel * normal()),
        offsetV: truth.offsetV,
        temperatureScale: 1,
      },
      covariance: [
        [variance * perV ** 2 + rateRel ** 2, variance * perV, 0, 0, 0],
        [variance * perV, variance, 0, 0, 0],
        [0, 0, (couplingRel * truth.couplingRel) ** 2, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ],
      diagnostics: {
        points: 100,
        outliers: 0,
        chi2: 96,
        dof: 97,
        runsZ: 0.3,
        iterations: 5,
        readNoiseV: 8.1e-6,
        readNoiseSigmaV: 0.6e-6,
      },
    },
  };
}
