import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Measurement, measurements, runTags } from '../../../src/influx/measurements.ts';
import { linkColumns } from '../../../src/store/link-columns.ts';
import { tables } from '../../../src/store/tables.ts';
import { schemaText } from './schema-text.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'src', 'influx');

test('SCHEMA.md says what is declared', () => {
  const [, written = ''] = readFileSync(join(folder, 'SCHEMA.md'), 'utf8').split('<!-- tables -->\n');
  expect(written.trim()).toBe(schemaText());
});

const named = (name: string): Measurement => {
  const found = measurements.find((measurement) => measurement.name === name);
  if (found === undefined) throw new Error(`no measurement ${name}`);
  return found;
};

test('every column of updates, steps and the link is shipped, but for what is said to stay', () => {
  const stay = /_(noise|node|common)_sigma_|^(kind|time_ns|wall_ns)$/;
  const columnsOf = (table: 'updates' | 'steps') =>
    Object.keys(tables[table].columns).filter((column) => !stay.test(column));
  const fieldsOf = (name: string) => named(name).fields.map((field) => field.name);
  expect(fieldsOf('update')).toEqual(expect.arrayContaining(columnsOf('updates')));
  expect(fieldsOf('step')).toEqual(expect.arrayContaining(columnsOf('steps')));
  expect(fieldsOf('link')).toEqual(expect.arrayContaining(Object.keys(linkColumns)));
});

test('no name means two things', () => {
  for (const { tags, fields } of measurements) {
    const names = [
      ...runTags.map(({ name }) => name),
      ...tags.map(({ name }) => name),
      ...fields.map(({ name }) => name),
      'time',
    ];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  }
  expect(new Set(measurements.map(({ name }) => name)).size).toBe(measurements.length);
});
