import type { Measured } from '../ledger/measured.ts';
import type { Statistic } from '../ledger/measured-total.ts';
import type { RunReader } from './run-reader.ts';

/** SQL over the columns of `updates` for a value and each of its sigma parts. */
export type MeasuredSql = Readonly<Record<keyof Measured, string>>;

/** Mean and sigma of a quantity over the updates of one step, or of several neighboring ones. */
export interface StepStatistic {
  readonly step: number;
  readonly mean: number;
  readonly sigma: number;
}

/** Mean, sigma of the mean and total over all updates; sigma is null with the mean where there are none. */
export async function statistic(run: RunReader, sql: MeasuredSql): Promise<Statistic> {
  const [row] = await run.query<Sums>(sumsBy('0', sql));
  if (row === undefined) return { mean: null, sigma: null, total: 0 };
  const { count, total, sigma } = row;
  return { mean: total / count, sigma: sigma / count, total };
}

/** The same for every `steps` steps, at the first of them; steps without updates have none. */
export async function stepStatistics(
  run: RunReader,
  sql: MeasuredSql,
  steps: number,
): Promise<StepStatistic[]> {
  const rows = await run.query<Sums & { readonly key: number }>(sumsBy(`step // ${steps} * ${steps}`, sql));
  return rows.map(({ key, count, total, sigma }) => ({
    step: key,
    mean: total / count,
    sigma: sigma / count,
  }));
}

interface Sums {
  readonly count: number;
  readonly total: number;
  readonly sigma: number;
}

/** Sigma of a sum: noise adds in squares, a node's part adds along the node, the common part along all. */
const sumsBy = (key: string, { value, noiseSigma, nodeSigma, commonSigma }: MeasuredSql): string => `
  WITH nodes AS (
    SELECT ${key} AS key, count(*) AS count, fsum(${value}) AS total, fsum((${noiseSigma}) ** 2) AS noise_squares,
           fsum(${nodeSigma}) AS node, fsum(${commonSigma}) AS common
    FROM updates GROUP BY key, cell, kind ORDER BY key, cell, kind
  )
  SELECT key, sum(count)::BIGINT AS count, fsum(total) AS total,
         sqrt(fsum(noise_squares) + fsum(node ** 2) + fsum(common) ** 2) AS sigma
  FROM nodes GROUP BY key ORDER BY key`;
