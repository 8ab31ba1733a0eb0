import type { Manifest } from '../store/manifest.ts';
import { type Table, tables } from '../store/tables.ts';
import { fieldSql, floatSql, inLine, quoted, tagInLine, tagSql } from './line-protocol.ts';
import type { Field, Measurement, RunTag } from './measurements.ts';

/** Rows of a measurement's table: from `firstRow` up to, but without, `endRow`. */
export interface RowRange {
  readonly firstRow: number;
  readonly endRow: number;
}

/** The texts of the tags that all points of a run have. */
export type RunNames = Readonly<Record<RunTag, string>>;

export const namesOf = ({ runId, source, board, experiment }: Manifest): RunNames => ({
  board: board.identity.boardId,
  run: runId,
  task: experiment.task.name,
  policy: experiment.policy.name,
  source,
  clock: board.identity.clock,
});

/** SQL for the rows of a range, then for its points, as relations `source` and `p`. */
export const pointsSql = ({ table, points }: Measurement, where: string): string =>
  `WITH source AS (SELECT rowid, * FROM ${table} WHERE ${where}), p AS (${points ?? 'SELECT * FROM source'})`;

const inRange = ({ firstRow, endRow }: RowRange): string => `rowid >= ${firstRow} AND rowid < ${endRow}`;

/**
 * How a float that must not be sent is found: each by itself, or those of a row by one sum, which takes a third less time
 * for the whole line. Quick spelling gives no line for a row in which a float is missing that a sound row has.
 */
export type Spelling = 'careful' | 'quick';

/** What a line is put together of; SQL that is NULL leaves nothing. */
type Piece = { readonly text: string } | { readonly sql: string };

/** SQL for the line of a point of `p`, with its line end. */
function lineSql(measurement: Measurement, names: RunNames, spelling: Spelling): string {
  const { name, tags, fields, timeNs } = measurement;
  const runTags = Object.entries(names)
    .sort()
    .map(([tag, text]) => tagInLine(tag, text));
  const line = concatSql([
    { text: inLine(name) + runTags.join('') },
    ...tags.flatMap((tag): Piece[] => [{ text: `,${inLine(tag.name)}=` }, { sql: tagSql(tag.sql) }]),
    ...fields.flatMap((field, index) => {
      const head = `${index === 0 ? ' ' : ','}${inLine(field.name)}=`;
      return isSure(measurement, field, spelling)
        ? [{ text: head }, ...surePieces(field)]
        : [{ sql: `${quoted(head)} || ${fieldSql(field.type, field.sql)}` }];
    }),
    { text: ' ' },
    { sql: timeNs },
    { text: '\n' },
  ]);
  const summed = fields.filter((field) => field.type === 'float' && isSure(measurement, field, spelling));
  if (summed.length === 0) return line;
  return `CASE WHEN isfinite(${summed.map(({ sql }) => sql).join(' + ')}) THEN ${line} END`;
}

/** Whether every row has it, or the sum of the row's floats will tell. */
function isSure({ table }: Measurement, { type, sql, isOptional }: Field, spelling: Spelling): boolean {
  const declared = (tables[table] as Table).columns[sql];
  if (type === 'float')
    return spelling === 'quick' && isOptional !== true && declared?.endsWith('?') !== true;
  return declared?.endsWith('?') === false;
}

const surePieces = ({ type, sql }: Field): Piece[] => {
  switch (type) {
    case 'float':
      return [{ sql: floatSql(sql) }];
    case 'integer':
      return [{ sql }, { text: 'i' }];
    case 'string':
      return [{ sql: fieldSql(type, sql) }];
  }
};

/** Texts beside each other are one argument: each costs a copy. */
function concatSql(pieces: readonly Piece[]): string {
  const parts: string[] = [];
  let text = '';
  for (const piece of pieces) {
    if ('text' in piece) {
      text += piece.text;
      continue;
    }
    if (text !== '') parts.push(quoted(text));
    text = '';
    parts.push(piece.sql);
  }
  return `concat(${[...parts, quoted(text)].join(', ')})`;
}

/** Lines of a text, of which a chunk is a list: longer ones cost more for each line, for the memory that they grow in. */
export const LINES_OF_TEXT = 128;

/** SQL for the lines of a range: BLOBs of lines with their line ends, in no order. */
export function linesSql(
  measurement: Measurement,
  names: RunNames,
  range: RowRange,
  spelling: Spelling,
): string {
  const row = measurement.points === undefined ? 'rowid' : 'row_number() OVER ()';
  return `${pointsSql(measurement, inRange(range))}
    SELECT encode(string_agg(line, ''))
    FROM (SELECT ${lineSql(measurement, names, spelling)} AS line, ${row} // ${LINES_OF_TEXT} AS text FROM p) GROUP BY text`;
}
