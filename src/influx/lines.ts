import type { Manifest } from '../store/manifest.ts';
import { fieldSql, inLine, quoted, tagInLine, tagSql } from './line-protocol.ts';
import type { Measurement, RunTag } from './measurements.ts';

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

/** SQL for the line of a point of `p`, with its line end. */
export function lineSql({ name, tags, fields, timeNs }: Measurement, names: RunNames): string {
  const head =
    inLine(name) +
    Object.entries(names)
      .sort()
      .map(([tag, text]) => tagInLine(tag, text))
      .join('');
  const rowTags = tags.map((tag) => `${quoted(`,${inLine(tag.name)}=`)}, ${tagSql(tag.sql)}`);
  const [first, ...others] = fields.map((field) => ({
    ...field,
    spelled: `${quoted(`${inLine(field.name)}=`)} || ${fieldSql(field.type, field.sql)}`,
  }));
  return `concat(${[
    quoted(head),
    ...rowTags,
    `' ' || ${first?.spelled}`,
    ...others.map(({ spelled }) => `',' || ${spelled}`),
    `' ' || (${timeNs})::VARCHAR`,
    'chr(10)',
  ].join(', ')})`;
}

/** Texts that are made at a time: longer ones cost more for each line, for the memory that they grow in. */
const LINES_OF_TEXT = 128;

/** SQL for the lines of a range: BLOBs of lines with their line ends, in no order. */
export function linesSql(measurement: Measurement, names: RunNames, range: RowRange): string {
  const row = measurement.points === undefined ? 'rowid' : 'row_number() OVER ()';
  return `${pointsSql(measurement, inRange(range))}
    SELECT encode(string_agg(line, ''))
    FROM (SELECT ${lineSql(measurement, names)} AS line, ${row} // ${LINES_OF_TEXT} AS text FROM p) GROUP BY text`;
}
