import type { Device } from '../../calibration/devices.ts';
import { pulseResponseV } from '../../calibration/physics/cell.ts';

/** A pulse as an experiment asks for it. */
export interface PulseShape {
  readonly amplitudeV: number;
  readonly widthUs: number;
}

const US_PER_S = 1e6;
/** Halvings of the interval that holds the amplitude: to its last digit. */
const HALVINGS = 60;

/**
 * The amplitude at which a pulse of `widthUs` moves a node at `nodeV` as far as the given pulse does, V; by the device's
 * description. Null where that is more than `maxAmplitudeV`.
 */
export function sameStepAmplitudeV(
  pulse: PulseShape,
  widthUs: number,
  {
    nodeV,
    device,
    maxAmplitudeV,
  }: { readonly nodeV: number; readonly device: Device; readonly maxAmplitudeV: number },
): number | null {
  const couplingRel = device.couplingFF.value / device.nodeCapacitanceFF.value;
  const moveV = ({ amplitudeV, widthUs: us }: PulseShape) =>
    pulseResponseV(nodeV, couplingRel * amplitudeV * device.dacGain.value, us / US_PER_S, device.tunneling);
  const wantedV = moveV(pulse);
  let [lowV, highV] = [0, maxAmplitudeV];
  if (moveV({ amplitudeV: highV, widthUs }) < wantedV) return null;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middleV = (lowV + highV) / 2;
    if (moveV({ amplitudeV: middleV, widthUs }) < wantedV) lowV = middleV;
    else highV = middleV;
  }
  return highV;
}
