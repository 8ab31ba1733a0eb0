import { downsamplings, LONG_POLICY, selectInto } from './downsampling.ts';
import type { Server } from './server.ts';

/** What a database was given. */
export interface DatabaseSetUp {
  readonly database: string;
  readonly retentionPolicies: Readonly<Record<string, string>>;
  readonly continuousQueries: readonly string[];
}

const FOR_EVER = 'INF';
const DEFAULT_POLICY = 'raw';
/** Points come late after an outage: a continuous query looks back so far, each so often. */
const RESAMPLE = 'RESAMPLE EVERY 10s FOR 10m';

/** Makes database, retention policies and continuous queries, or changes them to what they should be. Points stay. */
export async function setUpDatabase(server: Server, keepRaw: string = FOR_EVER): Promise<DatabaseSetUp> {
  const { database, retentionPolicy = DEFAULT_POLICY } = server.target;
  const policies = { [retentionPolicy]: keepRaw, [LONG_POLICY]: FOR_EVER };
  await server.ask(async (client) => {
    await client.createDatabase(database);
    const known = (await client.showRetentionPolicies(database)).map(({ name }) => name);
    for (const [name, duration] of Object.entries(policies)) {
      const options = { database, duration, replication: 1, isDefault: name === retentionPolicy };
      if (known.includes(name)) await client.alterRetentionPolicy(name, options);
      else await client.createRetentionPolicy(name, options);
    }
    const queries = (await client.showContinousQueries(database)).map(({ name }) => name);
    for (const downsampling of downsamplings) {
      const { name } = downsampling;
      if (queries.includes(name)) await client.dropContinuousQuery(name, database);
      const select = selectInto(downsampling, { ...server.target, retentionPolicy });
      await client.createContinuousQuery(name, select, database, RESAMPLE);
    }
  });
  return { database, retentionPolicies: policies, continuousQueries: downsamplings.map(({ name }) => name) };
}
