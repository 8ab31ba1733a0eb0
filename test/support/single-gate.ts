import { FloatingGates, type GateParameters } from '../../mocks/floating-gates.ts';
import { presets } from '../../mocks/presets.ts';
import type { Normal } from '../../mocks/random.ts';
import { Thermal } from '../../mocks/thermal.ts';

const damA = presets['dam-a'];
if (damA === undefined) throw new Error('dam-a is gone');
const { thermal: law } = damA;

export interface SingleGateOptions {
  readonly shot?: Normal | undefined;
  readonly temperatureK?: number;
  readonly driftKPerHour?: number;
}

/** One floating gate of the mock by itself; of `dam-a` where nothing else is said, without noise, at 300 K. */
export function singleGate(
  parameters: Partial<GateParameters> = {},
  { shot, temperatureK = 300, driftKPerHour = 0 }: SingleGateOptions = {},
) {
  const of = {
    k1PerS: 1.2e13,
    k2V: 300,
    nodeCapacitanceFF: 1000,
    couplingFF: 200,
    startV: 8.5,
    ...parameters,
  };
  const thermal = new Thermal(law, { fromUs: 0, fromK: temperatureK, driftKPerHour });
  const gates = new FloatingGates([of], thermal, shot);
  return {
    voltageAt: (us: number) => gates.voltageAt(0, us),
    pulse: (startUs: number, widthUs: number, boostV: number) => gates.pulse(0, startUs, widthUs, boostV),
    setTemperature: (us: number, fromK: number) => {
      gates.settle(us);
      thermal.state = { fromUs: us, fromK, driftKPerHour };
      gates.settle(us);
    },
  };
}
