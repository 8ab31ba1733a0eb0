import * as z from 'zod';
import { uniformStream } from './random.ts';

const DELAY_MS = 20;
const STALL_MS = 500;
const UNPLUG_MS = 200;
const BROWN_OUT_SLOTS = 8;

const rate = z.number().min(0).max(1).optional();
const afterPulses = z.int().min(1);
const forMs = z.number().min(0).max(3_600_000);

/** How often each line meets a fault, 0 to 1. */
const rates = z.strictObject({
  /** One to three bits of the line are flipped. */
  corrupt: rate,
  /** The line is lost. */
  drop: rate,
  /** The line arrives twice. */
  duplicate: rate,
  /** The line arrives in pieces, the later ones a little later. */
  split: rate,
  /** The line is held back until the next one, at most `delayMs`, and arrives with it. */
  merge: rate,
  /** The line, and all behind it, comes up to `delayMs` later. */
  delay: rate,
  /** Noise stands before the line. */
  garbage: rate,
  /** A RUN never reaches the board. */
  'swallow-before': rate,
  /** A RUN is executed, its reply lost. */
  'swallow-after': rate,
  /** The board is silent for `stallMs` from this request on, then goes on. */
  stall: rate,
});

/** What happens once the board has emitted `afterPulses` pulses since it was opened. */
const scheduled = z.discriminatedUnion('fault', [
  z.strictObject({ fault: z.literal('unplug'), afterPulses, forMs: forMs.default(UNPLUG_MS) }),
  /** At the end of the batch under way; whether its reply still gets out is drawn. */
  z.strictObject({ fault: z.literal('reboot'), afterPulses }),
  /** See `MockBoard.brownOut`. */
  z.strictObject({ fault: z.literal('brown-out'), afterPulses, slots: z.int().min(0).max(65_535) }),
  z.strictObject({ fault: z.literal('stall'), afterPulses, forMs: forMs.default(STALL_MS) }),
  /** Somebody presses the board's own button: outputs rest, disarmed. */
  z.strictObject({ fault: z.literal('button'), afterPulses }),
  /** A cover is opened, a supply is out of its limits: likewise. */
  z.strictObject({ fault: z.literal('interlock'), afterPulses }),
]);

/** Which faults a wire has. The seed is the board's where absent. */
export const faultScript = z.strictObject({
  seed: z.int().min(0).max(0x7fffffff).optional(),
  rates: rates.default({}),
  delayMs: forMs.default(DELAY_MS),
  stallMs: forMs.default(STALL_MS),
  at: z.array(scheduled).default([]),
});

export type FaultScript = z.infer<typeof faultScript>;
export type FaultRates = FaultScript['rates'];
export type ScheduledFault = FaultScript['at'][number];

const rateNames = Object.keys(rates.shape) as (keyof FaultRates)[];
const scheduledNames = scheduled.options.map(({ shape }) => shape.fault.value);

/** All faults that there are. */
export const faultNames: readonly string[] = [...new Set<string>([...rateNames, ...scheduledNames])];

/**
 * Reads `corrupt:0.01,unplug:20@1000000`: a rate a line, or a count of events, one at a random place of
 * each of as many equal parts of so many pulses. Throws RangeError for what it cannot read.
 */
export function parseFaults(text: string, seed = 1): FaultScript {
  const draw = uniformStream(seed, 'schedule');
  const found: { [Name in keyof FaultRates]?: number } = {};
  const at: ScheduledFault[] = [];
  for (const part of text.split(',')) {
    const [, name = part, value = ''] = /^([^:]*):(.*)$/.exec(part) ?? [];
    const rateName = rateNames.find((known) => known === name);
    const eventName = scheduledNames.find((known) => known === name);
    if (rateName === undefined && eventName === undefined)
      throw new RangeError(`there is no fault '${name}', expected one of ${faultNames.join(', ')}`);

    const [, count, pulses] = /^(\d{1,6})@(\d{1,15})$/.exec(value) ?? [];
    if (eventName !== undefined && Number(count) >= 1 && Number(pulses) >= 1) {
      const partPulses = Number(pulses) / Number(count);
      for (let index = 0; index < Number(count); index += 1)
        at.push(eventAt(eventName, Math.floor((index + draw()) * partPulses) + 1, draw()));
    } else if (rateName !== undefined && /^(0|1|0?\.\d+|1\.0+|\de-\d+)$/.test(value)) {
      if (found[rateName] !== undefined) throw new RangeError(`the fault '${name}' stands twice`);
      found[rateName] = Number(value);
    } else throw new RangeError(`${expectedOf(name, { rateName, eventName })}, found '${part}'`);
  }
  return faultScript.parse({ seed, rates: found, at });
}

function eventAt(fault: ScheduledFault['fault'], afterPulses: number, drawn: number): ScheduledFault {
  switch (fault) {
    case 'unplug':
      return { fault, afterPulses, forMs: UNPLUG_MS };
    case 'stall':
      return { fault, afterPulses, forMs: STALL_MS };
    case 'reboot':
    case 'button':
    case 'interlock':
      return { fault, afterPulses };
    case 'brown-out':
      return { fault, afterPulses, slots: Math.floor(drawn * BROWN_OUT_SLOTS) };
  }
}

function expectedOf(name: string, { rateName, eventName }: Partial<Record<string, string>>): string {
  const forms = [
    ...(rateName === undefined ? [] : [`a rate from 0 to 1 such as ${name}:0.01`]),
    ...(eventName === undefined ? [] : [`a count over so many pulses such as ${name}:20@1000000`]),
  ];
  return `expected ${forms.join(' or ')}`;
}
