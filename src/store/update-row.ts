import type { DefinedWave } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';
import type { Ledger, PulsedNode } from '../ledger/account.ts';
import type { UpdateBounds } from '../ledger/bounds.ts';
import type { Overhead } from '../ledger/overhead.ts';
import type { ExecutedUpdate } from '../scheduling/runner.ts';
import type { NewRow } from './tables.ts';

/** What counting needs beside the pulses: the ledger of board and chip, the waves in use, the bounds. */
export interface Accounting {
  readonly ledger: Ledger;
  readonly waves: ReadonlyMap<number, DefinedWave>;
  readonly bounds: UpdateBounds;
}

/** What is known of an update besides its pulses. */
export interface UpdateContext {
  readonly step: number;
  readonly purpose: 'bring-up' | 'train' | 'correct' | 'soak' | 'calibrate';
  readonly nthOfCell: number;
  readonly wantedV: number | null;
  readonly driftV: number | null;
  readonly weightBeforeV: number | null;
  readonly weightAfterV: number | null;
  /** Of the node that was pulsed. */
  readonly node: PulsedNode;
  /** What reading and running the board for it took; null where that is not known any more. */
  readonly overhead: Overhead | null;
  /** Code of the pulsed node before the update, for pulses whose own codes are lost. */
  readonly presumedCode: number;
}

/** The accounted row of one executed update. Every column is spelled out: it is made 100,000 times a second. */
export function updateRow(
  update: ExecutedUpdate,
  context: UpdateContext,
  { ledger, waves, bounds }: Accounting,
): NewRow<'updates'> {
  let amplitudeV = 0;
  let widthUs = 0;
  const pulses = update.pulses.map(({ wave, idleUs, codes }) => {
    const shape = waves.get(wave);
    if (shape === undefined)
      throw new FnloopError('invariant', `Wave ${wave} of update ${update.update} is not defined.`);
    const { dacCode } = shape;
    amplitudeV = Math.max(amplitudeV, ledger.amplitudeV(dacCode));
    widthUs += shape.widthUs;
    return {
      dacCode,
      widthUs: shape.widthUs,
      idleUs,
      beforeCode: codes?.before ?? context.presumedCode,
      afterCode: codes?.after ?? null,
    };
  });
  const { tunneledFC, drivenFC, energyFJ, parts, plasticityS } = ledger.account(pulses, context.node);
  const { 'full-cycle': fullCycleFJ, 'half-cv2': halfCV2FJ, tunneling: tunnelingFJ } = energyFJ;
  const bound = bounds.of({ n: context.nthOfCell, widthUs, plasticityS, tunneledFC: tunneledFC.value });
  return {
    update_id: update.update,
    step: context.step,
    purpose: context.purpose,
    cell: update.cell,
    kind: update.kind,
    nth_of_cell: context.nthOfCell,
    pulses: update.pulses.length,
    amplitude_v: amplitudeV,
    width_us: widthUs,
    wanted_v: context.wantedV,
    drift_v: context.driftV,
    weight_before_v: context.weightBeforeV,
    weight_after_v: context.weightAfterV,
    charge_tunneled_fc: tunneledFC.value,
    charge_tunneled_noise_sigma_fc: tunneledFC.noiseSigma,
    charge_tunneled_node_sigma_fc: tunneledFC.nodeSigma,
    charge_tunneled_common_sigma_fc: tunneledFC.commonSigma,
    charge_driven_fc: drivenFC.value,
    charge_driven_noise_sigma_fc: drivenFC.noiseSigma,
    charge_driven_node_sigma_fc: drivenFC.nodeSigma,
    charge_driven_common_sigma_fc: drivenFC.commonSigma,
    energy_full_cycle_fj: fullCycleFJ.value,
    energy_full_cycle_noise_sigma_fj: fullCycleFJ.noiseSigma,
    energy_full_cycle_node_sigma_fj: fullCycleFJ.nodeSigma,
    energy_full_cycle_common_sigma_fj: fullCycleFJ.commonSigma,
    energy_half_cv2_fj: halfCV2FJ.value,
    energy_half_cv2_noise_sigma_fj: halfCV2FJ.noiseSigma,
    energy_half_cv2_node_sigma_fj: halfCV2FJ.nodeSigma,
    energy_half_cv2_common_sigma_fj: halfCV2FJ.commonSigma,
    energy_tunneling_fj: tunnelingFJ.value,
    energy_tunneling_noise_sigma_fj: tunnelingFJ.noiseSigma,
    energy_tunneling_node_sigma_fj: tunnelingFJ.nodeSigma,
    energy_tunneling_common_sigma_fj: tunnelingFJ.commonSigma,
    energy_core_fj: parts.coreFJ,
    energy_tilt_fj: parts.tiltFJ,
    energy_drift_fj: parts.driftFJ,
    energy_verify_fj: parts.verifyFJ,
    energy_readout_fj: context.overhead?.readOutFJ ?? null,
    energy_board_fj: context.overhead?.boardFJ ?? null,
    bound_landauer_zj: bound.landauer,
    bound_static_zj: bound.static,
    bound_finite_rate_zj: bound['finite-rate'],
    bound_matched_zj: bound.matched,
    bound_recycled_zj: bound.recycled,
    bound_precision_zj: bound.precision,
  };
}
