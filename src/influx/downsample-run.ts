import { escape as influxQl } from 'influx';
import type { Spool } from '../store/spool.ts';
import { downsamplings, LONG_POLICY, selectInto } from './downsampling.ts';
import { quoted as literal, tagValue } from './line-protocol.ts';
import { namesOf } from './lines.ts';
import { measurements } from './measurements.ts';
import type { Server } from './server.ts';

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
    const [times] = await spool.query<{ firstNs: bigint | null; lastNs: bigint | null }>(
      `SELECT min(time_ns) AS "firstNs", max(time_ns) AS "lastNs" FROM ${from?.table ?? literal(downsampling.from)}`,
    );
    if (times === undefined || times.firstNs === null || times.lastNs === null) continue;
    const tags = Object.entries(names).map(
      ([tag, text]) => `${influxQl.quoted(tag)} = ${influxQl.stringLit(tagValue(text))}`,
    );
    const where = ` WHERE ${[...tags, `time >= ${times.firstNs}`, `time <= ${times.lastNs}`].join(' AND ')}`;
    await server.rows([selectInto(downsampling, { ...server.target, retentionPolicy }, where)]);
  }
  return true;
}
