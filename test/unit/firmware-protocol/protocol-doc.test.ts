import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AnyCommand } from '../../../firmware-protocol/command.ts';
import { commands } from '../../../firmware-protocol/commands.ts';
import { events } from '../../../firmware-protocol/events.ts';
import { faults } from '../../../firmware-protocol/faults.ts';
import type { Shape } from '../../../firmware-protocol/field.ts';
import { readLine } from '../../../firmware-protocol/line.ts';

const protocol = readFileSync(join(import.meta.dirname, '../../../firmware-protocol/PROTOCOL.md'), 'utf8');
const block = (name: string) =>
  new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(protocol)?.[1];

const fieldRows = (direction: string, shape: Shape) =>
  Object.values(shape).map(
    ({ key, accepts, isOptional }) =>
      `| ${direction} | \`${key}\` | ${accepts}${isOptional ? ', may be absent' : ''} |`,
  );

const commandText = ({ verb, summary, effect, request, reply }: AnyCommand) =>
  [
    `### ${verb} (${effect})`,
    '',
    summary,
    '',
    '| | field | value |',
    '|---|---|---|',
    ...fieldRows('request', request),
    ...fieldRows('reply', reply),
    '',
  ].join('\n');

test('the command tables of PROTOCOL.md are those of commands.ts', () => {
  expect(block('commands')).toBe(`\n${Object.values<AnyCommand>(commands).map(commandText).join('\n')}\n`);
});

test('the fault table of PROTOCOL.md is that of faults.ts', () => {
  const rows = Object.entries(faults).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  expect(block('faults')).toBe(`\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n\n`);
});

test('every event is told of, with its sign', () => {
  const names = Object.values(events).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) expect(protocol).toContain(`\`!${name}\``);
});

test('every line of the sessions in PROTOCOL.md is valid', () => {
  const lines = protocol.match(/^[<>] [#!].*$/gm) ?? [];
  expect(lines.length).toBeGreaterThan(12);
  for (const line of lines) expect(readLine(line.slice(2)).kind, line).not.toBe('bad');
});
