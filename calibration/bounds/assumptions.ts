import type { Provenance } from '../provenance.ts';

/** What the bounds take for granted of a memory and its training. */
export interface BoundAssumptions {
  /** b: bits that an update rewrites, and to which a parameter is resolved. */
  readonly bits: number;
  readonly temperatureK: number;
  /** tau: how long a fixed barrier keeps what was written. */
  readonly retentionS: number;
  /** R_max: attempt rate, that of tunneling over no barrier. */
  readonly rateMaxPerS: number;
  /** How long the training takes: N updates of a parameter in that time are its net rate v. */
  readonly trainingS: number;
  /** R_max/R_0 of the schedule. */
  readonly rateRatio: number;
  /** p of the schedule R_n = R_0/n^p. */
  readonly exponent: number;
  /** eps: probability of a step in the wrong direction. */
  readonly errorRate: number;
}

export type AssumptionName = keyof BoundAssumptions;

/** A value that somebody may replace, with its name and symbol and where it is from. */
export interface Assumption {
  readonly value: number;
  readonly unit: string;
  readonly label: string;
  readonly provenance: Provenance;
}

const YEAR_S = 365.25 * 86_400;
const DAY_S = 86_400;

const assumed = (value: number, unit: string, label: string): Assumption => ({
  value,
  unit,
  label,
  provenance: 'assumed',
});

/** Every number that the bounds need besides M and OPS, until somebody says otherwise. */
export const assumptions: Readonly<Record<AssumptionName, Assumption>> = {
  bits: assumed(16, '', 'bits, b'),
  temperatureK: assumed(300, 'K', 'temperature, T'),
  retentionS: assumed(10 * YEAR_S, 's', 'retention, tau'),
  rateMaxPerS: assumed(1e12, 'Hz', 'attempt rate, R_max'),
  trainingS: assumed(30 * DAY_S, 's', 'duration of the training'),
  rateRatio: assumed(1, '', 'rate ratio, R_max/R_0'),
  exponent: {
    value: 1,
    unit: '',
    label: 'exponent of the schedule, p',
    provenance: 'derived',
  },
  errorRate: assumed(1e-3, '', 'error rate, eps'),
};

/** The defaults with some replaced. */
export function assuming(given: Partial<BoundAssumptions> = {}): BoundAssumptions {
  const value = (name: AssumptionName) => given[name] ?? assumptions[name].value;
  return {
    bits: value('bits'),
    temperatureK: value('temperatureK'),
    retentionS: value('retentionS'),
    rateMaxPerS: value('rateMaxPerS'),
    trainingS: value('trainingS'),
    rateRatio: value('rateRatio'),
    exponent: value('exponent'),
    errorRate: value('errorRate'),
  };
}
