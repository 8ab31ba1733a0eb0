import type { Device } from '../../calibration/devices.ts';
import type { Converters } from '../board/converters.ts';
import type { DefinedWave } from '../board/types.ts';
import type { Experiment } from '../config/experiment.ts';
import { FnloopError } from '../core/errors.ts';
import { account } from '../ledger/account.ts';
import { boundsOfUpdate } from '../ledger/bounds.ts';
import type { Measured } from '../ledger/measured.ts';
import type { ExecutedUpdate } from '../scheduling/runner.ts';
import { type MeasuredRecord, measuredColumns, type Row } from '../store/tables.ts';

/** What accounting needs beside the pulses: the chip's kind, the board's scales, the waves in use. */
export interface Accounting {
  readonly device: Device;
  readonly converters: Converters;
  readonly waves: ReadonlyMap<number, DefinedWave>;
  readonly settings: Experiment['accounting'];
}

/** What training knows of an update besides its pulses. */
export interface UpdateContext {
  readonly step: number;
  readonly purpose: 'bring-up' | 'train';
  readonly nthOfCell: number;
  readonly wantedV: number | null;
  readonly driftV: number | null;
  readonly weightBeforeV: number;
  readonly weightAfterV: number;
}

/** The accounted row of one executed update. */
export function updateRow(
  update: ExecutedUpdate,
  context: UpdateContext,
  accounting: Accounting,
): Row<'updates'> {
  const { device, converters, waves, settings } = accounting;
  const waveOf = (wave: number): DefinedWave => {
    const defined = waves.get(wave);
    if (defined === undefined)
      throw new FnloopError('invariant', `Wave ${wave} of update ${update.update} is not defined.`);
    return defined;
  };
  const shapes = update.pulses.map(({ wave }) => waveOf(wave));
  const cost = account(
    update.pulses.map((pulse, index) => ({ ...pulse, dacCode: shapes[index]?.dacCode ?? 0 })),
    device,
    converters,
  );
  const bounds = boundsOfUpdate(context.nthOfCell, settings);
  const amplitudes = shapes.map(
    ({ dacCode }) => dacCode * converters.amplitudeVPerCode * device.dacGain.value,
  );
  return {
    update_id: update.update,
    step: context.step,
    purpose: context.purpose,
    cell: update.cell,
    kind: update.kind,
    nth_of_cell: context.nthOfCell,
    pulses: update.pulses.length,
    amplitude_v: Math.max(...amplitudes),
    width_us: shapes.reduce((sum, { widthUs }) => sum + widthUs, 0),
    wanted_v: context.wantedV,
    drift_v: context.driftV,
    weight_before_v: context.weightBeforeV,
    weight_after_v: context.weightAfterV,
    ...columns('charge_tunneled', 'fc', cost.tunneledFC),
    ...columns('charge_driven', 'fc', cost.drivenFC),
    ...columns('energy_full_cycle', 'fj', cost.energyFJ['full-cycle']),
    ...columns('energy_half_cv2', 'fj', cost.energyFJ['half-cv2']),
    ...columns('energy_tunneling', 'fj', cost.energyFJ.tunneling),
    bound_landauer_zj: bounds.landauer,
    bound_matched_zj: bounds.matched,
  };
}

function columns<Name extends string, Unit extends string>(name: Name, unit: Unit, measured: Measured) {
  const parts = Object.entries(measuredColumns(name, unit)) as [keyof Measured, string][];
  return Object.fromEntries(parts.map(([part, column]) => [column, measured[part]])) as MeasuredRecord<
    Name,
    Unit,
    number
  >;
}
