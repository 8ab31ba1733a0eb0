import {
  INFLUX_SCHEMA_VERSION,
  type Measurement,
  measurements,
  runTags,
} from '../../../src/influx/measurements.ts';

/** The schema as tables of Markdown, for SCHEMA.md. */
export function schemaText(): string {
  const tags = runTags.map(({ name, about }) => `| \`${name}\` | ${about} |`);
  return [
    `Version ${INFLUX_SCHEMA_VERSION}.`,
    '',
    'Tags of every point:',
    '',
    '| tag | what |\n|---|---|',
    ...tags,
    ...measurements.flatMap(measurementText),
  ].join('\n');
}

function measurementText({ name, about, table, tags, fields }: Measurement): string[] {
  const rows = fields.map(
    (field) => `| \`${field.name}\` | ${field.type} | ${field.unit} | ${field.about} |`,
  );
  return [
    '',
    `### ${name}`,
    '',
    `${about} From table \`${table}\`.${tags.map((tag) => ` Tag \`${tag.name}\`: ${tag.about}.`).join('')}`,
    '',
    '| field | type | unit | what |\n|---|---|---|---|',
    ...rows,
  ];
}
