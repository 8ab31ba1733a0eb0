import { type BoundName, boundNames } from '../../ledger/bounds.ts';
import type { RunReader } from '../../store/run-reader.ts';
import { boundColumn } from '../../store/tables.ts';
import { type CurvePoint, MOST_POINTS } from '../curve.ts';

/** The course of an ended run from its file; of a long run that of every so many steps, and always the last. */
export async function curveOf(run: RunReader): Promise<CurvePoint[]> {
  const summed = ['energy_full_cycle_fj', ...boundNames.map(boundColumn)];
  const rows = await run.query<Row>(`
    WITH sums AS (
      SELECT step, count(*) AS counted, ${summed.map((name) => `sum(${name}) AS ${name}`).join(', ')}
      FROM updates GROUP BY step
    ), course AS (
      SELECT step, train_accuracy, test_accuracy,
             ${['counted', ...summed].map((name) => `coalesce(sum(${name}) OVER so_far, 0)::DOUBLE AS ${name}`).join(', ')}
      FROM steps LEFT JOIN sums USING (step) WINDOW so_far AS (ORDER BY step)
    ), whole AS (SELECT max(step) AS last, greatest(1, ceil(count(*) / ${MOST_POINTS}))::BIGINT AS each FROM course)
    SELECT course.* FROM course, whole WHERE step % each = 0 OR step = last ORDER BY step`);
  return rows.map(pointOf);
}

type Row = Readonly<
  Record<ReturnType<typeof boundColumn<BoundName>> | 'energy_full_cycle_fj' | 'counted' | 'step', number>
> & {
  readonly train_accuracy: number | null;
  readonly test_accuracy: number | null;
};

function pointOf(row: Row): CurvePoint {
  const { step, counted, train_accuracy: trainAccuracy, test_accuracy: testAccuracy } = row;
  const mean = (sum: number): number => sum / counted;
  return {
    step,
    trainAccuracy,
    testAccuracy,
    updatesSoFar: counted,
    energyPerUpdateFJ: counted === 0 ? null : mean(row.energy_full_cycle_fj),
    boundsPerUpdateZJ:
      counted === 0
        ? null
        : Object.fromEntries(boundNames.map((name) => [name, mean(row[boundColumn(name)])])),
  };
}
