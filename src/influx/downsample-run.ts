import { escape as influxQl } from 'influx';
import type { Spool } from '../store/spool.ts';
import { downsamplings, LONG_POLICY, selectInto } from './downsampling.ts';
import { quoted as literal, tagValue } from './line-protocol.ts';
import { namesOf } from './lines.ts';
import { measurements } from './measurements.ts';
import type { Server } from './server.ts';

const NS_PER_S = 1_000_000_000;
const ROWS_OF_PART = 500_000;

/**
 * Fills the aggregates of a whole run: continuous queries see recent wall time only, and a run may be shipped days later or
 * be on virtual time. Done again it gives the same. False where the database was not set up for it.
 */
export async function downsampleRun(spool: Spool, server: Server): Promise<boolean> {
  const { database } = server.target;
  const policies = await server.ask((client) => client.showRetentionPolicies(database));
  if (!policies.some(({ name }) => name === LONG_POLICY)) return false;
  const retentionPolicy = server.target.retentionPolicy ?? policies.find((policy) => policy.default)?.name;
  const names = namesOf(spool.manifest);
  for (const downsampling of downsamplings) {
    const from = measurements.find(({ name }) => name === downsampling.from);
    const table = from?.table ?? literal(downsampling.from);
    const tags = Object.entries(names).map(
      ([tag, text]) => `${influxQl.quoted(tag)} = ${influxQl.stringLit(tagValue(text))}`,
    );
    for (const { startNs, endNs } of await partsOf(spool, table)) {
      const where = ` WHERE ${[...tags, `time >= ${startNs}`, `time < ${endNs}`].join(' AND ')}`;
      await server.rows([selectInto(downsampling, { ...server.target, retentionPolicy }, where)]);
    }
  }
  return true;
}

/** Whole seconds with about so many points each, or all of the points of one second: a server answers for each in time. */
async function partsOf(spool: Spool, table: string): Promise<{ startNs: bigint; endNs: bigint }[]> {
  const second = (ns: string) => `${ns} // ${NS_PER_S} * ${NS_PER_S}`;
  const rows = await spool.query<{ startNs: bigint | number }>(
    `SELECT DISTINCT ${second('time_ns')} AS "startNs" FROM ${table} WHERE rowid % ${ROWS_OF_PART} = 0
     UNION SELECT ${second('min(time_ns)')} FROM ${table} HAVING count(*) > 0
     UNION SELECT ${second('max(time_ns)')} + ${NS_PER_S} FROM ${table} HAVING count(*) > 0 ORDER BY 1`,
  );
  const boundsNs = rows.map(({ startNs }) => BigInt(startNs));
  return boundsNs.slice(1).map((endNs, index) => ({ startNs: boundsNs[index] ?? 0n, endNs }));
}
