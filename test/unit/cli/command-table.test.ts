import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { App } from '../../../src/cli/app.ts';
import { commandTable, nameOf } from '../../../src/cli/command-table.ts';

test.each(commandTable)('$usage is what its command says of itself', async ({ usage, load }) => {
  const command = (await load())(new App());
  expect(command.createHelp().subcommandTerm(command)).toBe(usage);
});

test('every file of a command is in the table', () => {
  const files = readdirSync(join(import.meta.dirname, '../../../src/cli/commands'));
  expect(files.map((file) => file.replace('.ts', '')).sort()).toEqual(commandTable.map(nameOf).sort());
});
