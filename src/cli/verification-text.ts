import type { Verification } from '../influx/verify.ts';

/** What was compared, as rows of a table. */
export const verifiedRows = ({
  runId,
  target,
  points,
  setAside,
  fieldsCompared,
  differences,
}: Verification): [string, string][] => [
  ['run', runId],
  ['database', target],
  ...Object.entries(points)
    .filter(([, count]) => count > 0)
    .map(([measurement, count]): [string, string] => [
      measurement,
      `${count} point${count === 1 ? '' : 's'}`,
    ]),
  ...(setAside === 0 ? [] : [['set aside', `${setAside} points, not compared`] as [string, string]]),
  [
    'compared',
    `count, sum, least and greatest of ${fieldsCompared} fields: ${differences.length === 0 ? 'all equal' : `${differences.length} differ`}`,
  ],
];

export const differenceRows = ({ differences }: Verification): string[][] =>
  differences.map(({ measurement, field, property, inFile, inDatabase }) => [
    measurement,
    field,
    property,
    String(inFile ?? '-'),
    String(inDatabase ?? '-'),
  ]);
