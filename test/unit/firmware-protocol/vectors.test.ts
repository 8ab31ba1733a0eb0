import { describe, expect, test } from 'vitest';
import { decodeFields, encodeFields } from '../../../firmware-protocol/codec.ts';
import type { AnyCommand } from '../../../firmware-protocol/command.ts';
import { commands } from '../../../firmware-protocol/commands.ts';
import { readLine, spellLine } from '../../../firmware-protocol/line.ts';
import vectors from '../../../firmware-protocol/vectors/lines.json' with { type: 'json' };

type Vector = (typeof vectors.lines)[number];
const commandOf = ({ command }: Vector) => commands[command as keyof typeof commands] as AnyCommand;

/** Packed fields decode to typed arrays and absent ones to undefined; vectors are plain JSON. */
const asJson = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part) => (ArrayBuffer.isView(part) ? Array.from(part as Int32Array) : part)),
  );

describe('golden lines', () => {
  test.each(vectors.lines)('reads: $name', (vector) => {
    const line = readLine(vector.line);
    expect(line.kind).toBe(vector.kind);
    if (line.kind === 'bad') return;
    expect(spellLine(line)).toBe(vector.line);
    if (line.kind === 'request' || line.kind === 'ok') {
      const command = commandOf(vector);
      const shape = line.kind === 'request' ? command.request : command.reply;
      const unknown = line.kind === 'request' ? 'refuse' : 'ignore';
      expect(line.id).toBe(vector.id);
      expect(asJson(decodeFields(shape, line.fields, { unknown }))).toEqual(vector.values);
      if (line.kind === 'request') expect(line.verb).toBe(command.verb);
    } else {
      expect(Object.fromEntries(line.fields)).toEqual(vector.fields);
      if (line.kind === 'event') expect(line.name).toBe(vector.eventName);
    }
  });

  const spelled = vectors.lines.filter(
    ({ kind, extra }) => (kind === 'request' || kind === 'ok') && extra !== true,
  );
  test.each(spelled)('spells: $name', (vector) => {
    const command = commandOf(vector);
    const values = { ...vector.values } as Record<string, unknown>;
    if (Array.isArray(values['codes'])) values['codes'] = Int32Array.from(values['codes'] as number[]);
    const id = vector.id ?? 0;
    const line =
      vector.kind === 'request'
        ? ({
            kind: 'request',
            id,
            verb: command.verb,
            fields: encodeFields(command.request, values),
          } as const)
        : ({ kind: 'ok', id, fields: encodeFields(command.reply, values) } as const);
    expect(spellLine(line)).toBe(vector.line);
  });

  test.each(vectors.bad)('refuses: $name', ({ line, reason }) => {
    expect(readLine(line)).toEqual({ kind: 'bad', reason });
  });

  test('a carriage return before the newline is tolerated', () => {
    expect(readLine(`${vectors.lines[0]?.line}\r`).kind).toBe('request');
  });
});
