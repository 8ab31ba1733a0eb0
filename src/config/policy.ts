import * as z from 'zod';

/** The protocol numbers waves with 7 bits. */
const MAX_WAVES = 128;

const amplitudeV = z.number().positive().max(20);
const widthUs = z.int().min(1).max(3_600_000_000);

/** Pulses are whole multiples of the base width; what is less waits in the residual. */
const widths = { baseWidthUs: widthUs, maxWidthUs: widthUs };

const atMostAllWaves = {
  message: `expected at most ${MAX_WAVES} times baseWidthUs`,
  path: ['maxWidthUs'],
};
const atLeastTheBase = { message: 'expected at least baseWidthUs', path: ['maxWidthUs'] };

const matched = z
  .strictObject({ name: z.literal('matched'), amplitudeV, ...widths })
  .refine((settings) => settings.maxWidthUs / settings.baseWidthUs <= MAX_WAVES, atMostAllWaves)
  .refine((settings) => settings.maxWidthUs >= settings.baseWidthUs, atLeastTheBase);

const constantStep = z
  .strictObject({
    name: z.literal('constant-step'),
    /** Lowest and highest rung; no highest: 5 times the lowest, or the board's highest where that is less. */
    minAmplitudeV: amplitudeV,
    maxAmplitudeV: amplitudeV.optional(),
    ...widths,
    /** How far a base pulse is to move a weight; absent: as far as the lowest rung moves the cell at the run's start. */
    stepV: z.number().positive().max(1).optional(),
  })
  .refine((settings) => settings.maxWidthUs / settings.baseWidthUs <= MAX_WAVES, atMostAllWaves)
  .refine((settings) => settings.maxWidthUs >= settings.baseWidthUs, atLeastTheBase)
  .refine(({ minAmplitudeV, maxAmplitudeV }) => (maxAmplitudeV ?? minAmplitudeV) >= minAmplitudeV, {
    message: 'expected at least minAmplitudeV',
    path: ['maxAmplitudeV'],
  });

const writeVerify = z.strictObject({
  name: z.literal('write-verify'),
  amplitudeV,
  widthUs,
  /** A weight this near to its target is left alone; absent: half of what a pulse does at the run's start, and one sigma of a reading. */
  toleranceV: z.number().positive().max(1).optional(),
  /** Pulses, each with a reading after it, that a cell may get in one step. */
  maxRounds: z.int().min(1).max(100).default(5),
});

const none = z.strictObject({ name: z.literal('none') });

/** How wanted changes become pulses. */
export const policySchema = z.discriminatedUnion('name', [matched, constantStep, writeVerify, none]);

export type PolicySettings = z.infer<typeof policySchema>;
export type PolicyName = PolicySettings['name'];
type SettingsOf<Name extends PolicyName> = Extract<PolicySettings, { name: Name }>;
export type MatchedSettings = SettingsOf<'matched'>;
export type ConstantStepSettings = SettingsOf<'constant-step'>;
export type WriteVerifySettings = SettingsOf<'write-verify'>;

export const policyNames = [
  'matched',
  'constant-step',
  'write-verify',
  'none',
] as const satisfies readonly PolicyName[];

/**
 * Settings of the named policy that do the same to a fresh cell as the given ones, so that both may be compared;
 * undefined where those have no pulses to go by.
 */
export function likeSettings(settings: PolicySettings, name: PolicyName): PolicySettings | undefined {
  if (name === settings.name) return settings;
  if (name === 'none') return { name };
  const pulse = freshPulse(settings);
  if (pulse === undefined) return undefined;
  const { amplitudeV, baseWidthUs, bases } = pulse;
  const widths = { baseWidthUs, maxWidthUs: bases * baseWidthUs };
  switch (name) {
    case 'matched':
      return { name, amplitudeV, ...widths };
    case 'constant-step':
      return { name, minAmplitudeV: amplitudeV, ...widths };
    case 'write-verify':
      return { name, amplitudeV, widthUs: baseWidthUs, maxRounds: Math.min(bases, 100) };
  }
}

/** The pulse that fresh cells get, and how many of them an update is at most. */
export function freshPulse(settings: PolicySettings) {
  switch (settings.name) {
    case 'matched':
    case 'constant-step': {
      const { baseWidthUs, maxWidthUs } = settings;
      const amplitudeV = settings.name === 'matched' ? settings.amplitudeV : settings.minAmplitudeV;
      return { amplitudeV, baseWidthUs, bases: Math.floor(maxWidthUs / baseWidthUs) };
    }
    case 'write-verify': {
      const { amplitudeV, widthUs, maxRounds } = settings;
      return { amplitudeV, baseWidthUs: widthUs, bases: maxRounds };
    }
    case 'none':
      return undefined;
  }
}

/** The same policy with another base pulse, as many of which an update may have. */
export function withBasePulse(
  settings: Exclude<PolicySettings, { name: 'none' }>,
  { amplitudeV, baseWidthUs }: { readonly amplitudeV: number; readonly baseWidthUs: number },
): PolicySettings {
  switch (settings.name) {
    case 'write-verify':
      return { ...settings, amplitudeV, widthUs: baseWidthUs };
    case 'matched':
    case 'constant-step': {
      const bases = Math.floor(settings.maxWidthUs / settings.baseWidthUs);
      const widths = { baseWidthUs, maxWidthUs: bases * baseWidthUs };
      return settings.name === 'matched'
        ? { ...settings, amplitudeV, ...widths }
        : { ...settings, minAmplitudeV: amplitudeV, ...widths };
    }
  }
}
