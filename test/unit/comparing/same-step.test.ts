import { expect, test } from 'vitest';
import { type Device, devices } from '../../../calibration/devices.ts';
import { pulseResponseV } from '../../../calibration/physics/cell.ts';
import { sameStepAmplitudeV } from '../../../src/comparing/same-step.ts';

const device = devices['dam-a'] as Device;

test.each([
  [100_000, 0.412],
  [50_000, 0.72],
])('a pulse of %i us moves a fresh cell as far as 0.2236 V for 200 ms at %f V', (widthUs, expectedV) => {
  const own = { amplitudeV: 0.2236, widthUs: 200_000 };
  const amplitudeV = sameStepAmplitudeV(own, widthUs, { nodeV: 8.5, device });
  expect(amplitudeV).toBeCloseTo(expectedV, 2);
  const moveV = (pulse: typeof own) =>
    pulseResponseV(8.5, 0.2 * pulse.amplitudeV * device.dacGain.value, pulse.widthUs / 1e6, device.tunneling);
  expect(moveV({ amplitudeV, widthUs }) / moveV(own)).toBeCloseTo(1, 5);
});
