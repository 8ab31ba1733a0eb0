import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ChipState } from './chip-state.ts';
import type { Preset } from './presets.ts';

/** Raise it when the content changes in a way that a reader must know of. */
const SCHEMA_VERSION = 1;

/** Which chip a state is of: with another one it would mean something else. */
export interface ChipIdentity {
  readonly boardId: string;
  readonly cells: number;
  readonly mismatch: boolean;
  readonly preset: Preset;
}

const finite = z.number();
const perNode = z.array(finite);
const content = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  boardId: z.string(),
  cells: z.int().min(1),
  mismatch: z.boolean(),
  preset: z.record(z.string(), z.unknown()),
  openings: z.int().min(0),
  timeUs: z.int().min(0),
  thermal: z.strictObject({ fromUs: finite, fromK: finite, driftKPerHour: finite }),
  pulses: perNode,
  gates: z.strictObject({
    w: perNode,
    lowW: perNode,
    countedW: perNode,
    varianceV2: perNode,
    atUs: perNode,
    tunedK: perNode,
  }),
});
type Content = z.infer<typeof content>;

const checksumOf = (value: object): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** The text of a chip state file, with a checksum over all that it says. Numbers keep every digit. */
export function spellChipState(
  { boardId, cells, mismatch, preset }: ChipIdentity,
  { openings, timeUs, thermal, pulses, gates }: ChipState,
): string {
  const whole: Content = {
    schemaVersion: SCHEMA_VERSION,
    boardId,
    cells,
    mismatch,
    preset: { ...preset },
    openings,
    timeUs,
    thermal,
    pulses: Array.from(pulses),
    gates: {
      w: Array.from(gates.w),
      lowW: Array.from(gates.lowW),
      countedW: Array.from(gates.countedW),
      varianceV2: Array.from(gates.varianceV2),
      atUs: Array.from(gates.atUs),
      tunedK: Array.from(gates.tunedK),
    },
  };
  return `${JSON.stringify({ ...whole, checksum: checksumOf(whole) })}\n`;
}

/** Reads a chip state file. Throws RangeError saying what is wrong where it is no whole one, or of another chip. */
export function readChipState(text: string, identity: ChipIdentity): ChipState {
  const values = wholeContent(text);
  const { boardId, cells, mismatch, preset } = identity;
  if (values.boardId !== boardId)
    throw new RangeError(`it is the state of ${values.boardId}, expected one of ${boardId}`);
  if (values.cells !== cells) throw new RangeError(`it has ${values.cells} cells, expected ${cells}`);
  if (values.mismatch !== mismatch)
    throw new RangeError(`its mismatch is ${onOff(values.mismatch)}, expected ${onOff(mismatch)}`);
  const changed = Object.entries(preset).find(
    ([key, value]) => JSON.stringify(values.preset[key]) !== JSON.stringify(value),
  );
  if (changed !== undefined) {
    const [key, value] = changed;
    const found = JSON.stringify(values.preset[key]);
    throw new RangeError(
      `it is of another kind of chip: ${key} is ${found}, expected ${JSON.stringify(value)}`,
    );
  }
  const arrays = Object.values(values.gates);
  if ([values.pulses, ...arrays].some(({ length }) => length !== 2 * cells))
    throw new RangeError(`it does not have ${2 * cells} nodes everywhere`);
  const { gates, pulses, openings, timeUs, thermal } = values;
  return {
    openings,
    timeUs,
    thermal,
    pulses: Float64Array.from(pulses),
    gates: {
      w: Float64Array.from(gates.w),
      lowW: Float64Array.from(gates.lowW),
      countedW: Float64Array.from(gates.countedW),
      varianceV2: Float64Array.from(gates.varianceV2),
      atUs: Float64Array.from(gates.atUs),
      tunedK: Float64Array.from(gates.tunedK),
    },
  };
}

const onOff = (isOn: boolean): string => (isOn ? 'on' : 'off');

function wholeContent(text: string): Content {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new RangeError(
      `it is not whole: expected one JSON document, found ${text.length} characters that are none`,
    );
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new RangeError('expected a JSON object, found another value');
  const { checksum, ...values } = found as Record<string, unknown>;
  const version = values['schemaVersion'];
  if (typeof version === 'number' && version > SCHEMA_VERSION)
    throw new RangeError(
      `it has schema version ${version}, this mock reads ${SCHEMA_VERSION}: a newer one wrote it`,
    );
  if (checksum !== checksumOf(values))
    throw new RangeError('its checksum does not fit its content: it was edited or damaged');
  const parsed = content.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new RangeError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}
