import * as z from 'zod';
import { type Preset, presets } from './presets.ts';
import { LEAST_K, MOST_K } from './thermal.ts';

/** A kind of board by a name, which board ids begin with. */
export interface NamedPreset {
  readonly name: string;
  readonly preset: Preset;
}

const positive = z.number().positive();
const share = z.number().min(0).max(0.5);
const count = z.int().min(0);
const widthUs = z.int().min(1).max(3_600_000_000);
const amplitudeV = z.number().min(0).max(20);
/** Parts of a preset; what is not said is that of the preset that it extends. */
const part = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).partial().optional();

/** A preset file: the known preset that it starts from, and what is different. Ranges are what protocol and physics allow. */
export const presetDocument = z
  .strictObject({
    extends: z.enum(Object.keys(presets) as [string, ...string[]]),
    k1PerS: positive.max(1e30),
    k2V: z.number().min(50).max(1000),
    nodeCapacitanceFF: positive.max(1e9),
    couplingFF: positive.max(1e9),
    startV: z.number().min(1).max(20),
    mismatch: part({ k1Rel: share, k2Rel: share, couplingRel: share, startV: z.number().min(0).max(1) }),
    chip: part({
      nodeCapacitanceRel: share,
      couplingRel: share,
      readGainRel: share,
      channelOffsetV: z.number().min(0).max(1),
      dacGainRel: share,
      dacOffsetV: z.number().min(0).max(0.1),
    }),
    defects: part({ stuck: count, leaky: count, dead: count }),
    disturbRel: z.number().min(0).max(1),
    limits: part({
      minAmplitudeV: amplitudeV,
      maxAmplitudeV: amplitudeV,
      minWidthUs: widthUs,
      maxWidthUs: widthUs,
    }),
    adc: part({
      fullScaleV: z.number().min(0.001).max(100),
      bits: z.int().min(8).max(24),
      readGain: z.number().min(1e-3).max(1000),
      noiseV: z.number().min(0).max(1),
      averages: z.int().min(1).max(65_536),
      groupNodes: z.int().min(1).max(1024),
      groupUs: z.int().min(1).max(1_000_000),
    }),
    dac: part({
      fullScaleV: z.number().min(0.001).max(100),
      bits: z.int().min(8).max(24),
      gain: z.number().min(0.5).max(2),
    }),
    temperatureK: z.number().min(LEAST_K).max(MOST_K),
    sensorNoiseK: z.number().min(0).max(10),
    thermal: part({
      referenceK: z.number().min(LEAST_K).max(MOST_K),
      k1PerK: z.number().min(-0.005).max(0.005),
      k2PerK: z.number().min(-0.001).max(0.001),
    }),
  })
  .partial()
  .required({ extends: true });

type PresetDocument = z.infer<typeof presetDocument>;

/** The preset that a file says, named after the file. Throws RangeError where it contradicts what it extends. */
export function presetOf(path: string, { extends: base, ...own }: PresetDocument): NamedPreset {
  const known = knownPreset(base);
  const merged = Object.fromEntries(
    Object.entries(known).map(([key, value]) => {
      const said = own[key as keyof typeof own];
      return [key, typeof value === 'object' ? { ...value, ...Object(said) } : (said ?? value)];
    }),
  );
  const preset = merged as unknown as Preset;
  const problems = contradictions(preset);
  if (problems.length > 0)
    throw new RangeError(`the preset ${path} contradicts itself: ${problems.join('; ')}`);
  return { name: nameOf(path), preset };
}

/** A preset by its name. Throws RangeError for an unknown one. */
export function knownPreset(name: string): Preset {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset !== undefined) return preset;
  throw new RangeError(`there is no preset '${name}', expected one of ${Object.keys(presets).join(', ')}`);
}

function contradictions({ limits, couplingFF, nodeCapacitanceFF }: Preset): string[] {
  const { minAmplitudeV, maxAmplitudeV, minWidthUs, maxWidthUs } = limits;
  return [
    ...(minAmplitudeV > maxAmplitudeV
      ? [`limits.minAmplitudeV is ${minAmplitudeV}, above maxAmplitudeV ${maxAmplitudeV}`]
      : []),
    ...(minWidthUs > maxWidthUs
      ? [`limits.minWidthUs is ${minWidthUs}, above maxWidthUs ${maxWidthUs}`]
      : []),
    ...(couplingFF >= nodeCapacitanceFF
      ? [`couplingFF is ${couplingFF}, a part of nodeCapacitanceFF, which is ${nodeCapacitanceFF}`]
      : []),
  ];
}

const MAX_NAME = 20;

/** What a board id may have of a file's name. */
const nameOf = (path: string): string =>
  (path.split(/[\\/]/).at(-1) ?? '')
    .replace(/\.ya?ml$/i, '')
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, MAX_NAME) || 'preset';
