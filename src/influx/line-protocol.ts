/**
 * Spelling of InfluxDB's line protocol, in JavaScript for what is the same for a whole run and as DuckDB expressions for
 * what differs from row to row.
 *
 * A tag value cannot hold a line end on the wire, a backslash in one is ambiguous, and an empty one is refused. So these
 * are written as in URLs: `%0A`, `%5C`, and `%25` for the percent sign itself; an empty value is a lone `%`. What a
 * database then holds is this spelling, and `tagText` reads it back.
 */

/** Characters that a tag value cannot hold as they are. */
const IN_PERCENT = [
  '%',
  '\\',
  '\x7f',
  ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
];
const EMPTY = '%';

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** What a database is to hold for a text in a tag. */
export function tagValue(text: string): string {
  if (text === '') return EMPTY;
  return [...text]
    .map((character) => (IN_PERCENT.includes(character) ? percent(character) : character))
    .join('');
}

/** The text behind what a database holds in a tag. */
export const tagText = (value: string): string => (value === EMPTY ? '' : decodeURIComponent(value));

/** A name of a measurement, tag or field, or a tag value, as it goes into a line. */
export const inLine = (value: string): string => value.replace(/[,= ]/g, (character) => `\\${character}`);

/** A tag as it goes into a line, with the comma before it. */
export const tagInLine = (name: string, text: string): string => `,${inLine(name)}=${inLine(tagValue(text))}`;

/** A text as a DuckDB literal. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const replaced = (sql: string, from: string, to: string): string =>
  `replace(${sql}, ${from < ' ' ? `chr(${from.charCodeAt(0)})` : quoted(from)}, ${quoted(to)})`;

/**
 * SQL for a tag value in a line, from SQL for its text: words of ours, of which `url_encode` spells all but letters, digits
 * and `_.~-` in percent. Spelling no more than has to be takes longer to plan than the rest of a line.
 */
export const tagSql = (text: string): string =>
  `CASE WHEN ${text} = '' THEN '${EMPTY}' ELSE url_encode(${text}) END`;

export type FieldType = 'float' | 'integer' | 'string';

/** SQL for the digits of a number that is finite. JSON's are the shortest that give the same double again, in a third of the time of VARCHAR's. */
export const floatSql = (value: string): string => `to_json(${value})`;

/**
 * SQL for a field's value in a line, NULL where it must not be sent: where it is null, or no finite number. A line end in a
 * text becomes a space, so that a point is always one line: texts are JSON, where line ends only stand between tokens, or
 * words of ours.
 */
export function fieldSql(type: FieldType, value: string): string {
  switch (type) {
    case 'float':
      return `CASE WHEN isfinite(${value}) THEN ${floatSql(value)} END`;
    case 'integer':
      return `(${value})::BIGINT::VARCHAR || 'i'`;
    case 'string': {
      const oneLine = `translate(${value}, chr(10) || chr(13), '  ')`;
      return `'"' || ${replaced(replaced(oneLine, '\\', '\\\\'), '"', '\\"')} || '"'`;
    }
  }
}
