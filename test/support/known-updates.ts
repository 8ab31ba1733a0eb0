import { devices } from '../../calibration/devices.ts';
import {
  drivenChargeFC,
  fullCycleFJ,
  halfCV2FJ,
  tunneledChargeFC,
  tunnelingFJ,
} from '../../calibration/physics/energy.ts';
import { createChip } from '../../mocks/index.ts';
import { convertersOf } from '../../src/board/converters.ts';
import type { BoardIdentity } from '../../src/board/types.ts';
import { calibratedChip, nominalChip } from '../../src/chip/chip-model.ts';
import { Ledger, type PulseCodes, type UpdateCost } from '../../src/ledger/account.ts';
import type { Measured } from '../../src/ledger/measured.ts';
import { calibrationOfNodes } from './calibration.ts';
import { trueNodesOf } from './true-nodes.ts';

/** What the ledger estimates, by name. */
export const quantities = ['tunneled', 'driven', 'full-cycle', 'half-cv2', 'tunneling'] as const;
export type Quantity = (typeof quantities)[number];

/** One update of a chip whose truth is known: what the ledger says of it, and what it was. */
export interface KnownUpdate {
  readonly node: number;
  readonly estimate: Readonly<Record<Quantity, Measured>>;
  readonly truth: Readonly<Record<Quantity, number>>;
}

export interface KnownChip {
  /** Of any board of this kind: its scales are read from it. */
  readonly board: BoardIdentity;
  readonly preset: string;
  readonly seed: number;
  readonly updates: number;
  /** Whether the ledger knows the chip's nodes by a calibration, which is off by its sigmas. */
  readonly isCalibrated: boolean;
}

const CELLS = 4;
const READ_US = 2048;
/** Of pulses and of what others of their slot last longer. */
const AMPLITUDES_V = [0.2236, 1, 4];
const WIDTHS_US = [200_000, 50_000, 1_000];
const LONGER_US = [0, 100_000, 400_000];

/** Pulses a fresh chip, among pulses of others that go on for longer, and accounts for each from its codes. */
export function knownUpdates({ board, preset, seed, updates, isCalibrated }: KnownChip): KnownUpdate[] {
  const choices = { preset, seed, cells: CELLS };
  const chip = createChip(choices);
  const { nodes } = chip.truth;
  const device = devices[preset];
  if (device === undefined) throw new Error(`there is no device ${preset}`);
  const believed = isCalibrated
    ? calibratedChip(calibrationOfNodes(board, trueNodesOf(choices), { device: preset, seed }), device)
    : nominalChip(device);
  const ledger = new Ledger(believed, convertersOf(board));
  const known: KnownUpdate[] = [];
  for (let update = 0; update < updates; update += 1) {
    const node = (7 * update) % (2 * CELLS);
    const cell = node >> 1;
    const kind = node % 2 === 0 ? 'SET' : 'RESET';
    const own = chip.wave(turn(AMPLITUDES_V, update), turn(WIDTHS_US, update >> 1));
    const longestUs = own.widthUs + turn(LONGER_US, update >> 2);
    const codeNow = () => chip.read([cell])[kind === 'SET' ? 0 : 1] ?? 0;

    const beforeCode = codeNow();
    const startUs = chip.timeUs;
    const startV = chip.trueNodeV(cell, kind);
    chip.array.emit([{ cell, kind, wave: 0 }], startUs, () => own);
    const endV = chip.trueNodeV(cell, kind, startUs + own.widthUs);
    chip.restUntil(startUs + longestUs);
    const afterCode = codeNow();
    // The first conversion is at its start, the second as well.
    const idleUs = READ_US + longestUs - own.widthUs;
    const pulse: PulseCodes = { dacCode: own.dacCode, widthUs: own.widthUs, idleUs, beforeCode, afterCode };

    const { nodeCapacitanceFF, couplingFF, couplingRel } = nodes[node] as (typeof nodes)[number];
    const dropV = startV - endV;
    known.push({
      node,
      estimate: estimatesOf(ledger.account([pulse], { node, temperatureK: chip.sensedTemperatureK() })),
      truth: {
        tunneled: tunneledChargeFC(nodeCapacitanceFF, dropV),
        driven: drivenChargeFC(couplingFF, own.outputV),
        'full-cycle': fullCycleFJ(couplingFF, couplingRel, own.outputV),
        'half-cv2': halfCV2FJ(couplingFF, own.outputV),
        tunneling: tunnelingFJ(nodeCapacitanceFF, dropV, startV, couplingRel * own.outputV),
      },
    });
  }
  return known;
}

const turn = (values: readonly number[], index: number): number => values[index % values.length] ?? 0;

const estimatesOf = ({ tunneledFC, drivenFC, energyFJ }: UpdateCost): KnownUpdate['estimate'] => ({
  tunneled: tunneledFC,
  driven: drivenFC,
  ...energyFJ,
});
