import type { Device } from '../../calibration/devices.ts';
import { pulseResponseV } from '../../calibration/physics/cell.ts';
import { boostForDropV, tunnelingDropV } from '../../calibration/physics/tunneling.ts';

/** A pulse as an experiment asks for it. */
export interface PulseShape {
  readonly amplitudeV: number;
  readonly widthUs: number;
}

const US_PER_S = 1e6;

/** The amplitude at which a pulse of `widthUs` moves a node at `nodeV` as far as the given pulse does, V, by the device's description. */
export function sameStepAmplitudeV(
  { amplitudeV, widthUs: givenUs }: PulseShape,
  widthUs: number,
  { nodeV, device }: { readonly nodeV: number; readonly device: Device },
): number {
  const { couplingFF, nodeCapacitanceFF, dacGain, tunneling } = device;
  const boostPerV = (couplingFF.value / nodeCapacitanceFF.value) * dacGain.value;
  const moveV = pulseResponseV(nodeV, boostPerV * amplitudeV, givenUs / US_PER_S, tunneling);
  const widthS = widthUs / US_PER_S;
  const dropV = moveV + tunnelingDropV(nodeV, 0, widthS, tunneling);
  return boostForDropV(nodeV, dropV, widthS, tunneling) / boostPerV;
}
