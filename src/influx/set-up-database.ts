import { type InfluxDB, escape as influxQl } from 'influx';
import { downsamplings, LONG_POLICY, selectInto } from './downsampling.ts';
import type { Server } from './server.ts';

/** What a database was given. */
export interface DatabaseSetUp {
  readonly database: string;
  readonly retentionPolicies: Readonly<Record<string, string>>;
  readonly continuousQueries: readonly string[];
}

const FOR_EVER = 'INF';
const RAW_POLICY = 'raw';
/** Points come late after an outage: a continuous query looks back so far, each so often. */
const RESAMPLE = 'RESAMPLE EVERY 10s FOR 10m';

/**
 * Makes database, retention policies and continuous queries, or changes them to what they should be. Points stay where they
 * are: a database that is there keeps its default policy, unless the target names another.
 */
export async function setUpDatabase(server: Server, keepRaw: string = FOR_EVER): Promise<DatabaseSetUp> {
  const { database } = server.target;
  const isThere = (await server.ask((client) => client.getDatabaseNames())).includes(database);
  const rawPolicy =
    server.target.retentionPolicy ?? (isThere ? await defaultPolicy(server) : undefined) ?? RAW_POLICY;
  if (!isThere) {
    // In one statement: points that wait for the database would otherwise go to its first policy before there is another.
    const name = influxQl.quoted(rawPolicy);
    await server.rows([
      `CREATE DATABASE ${influxQl.quoted(database)} WITH DURATION ${keepRaw} REPLICATION 1 NAME ${name}`,
    ]);
  }
  const policies = { [rawPolicy]: keepRaw, [LONG_POLICY]: FOR_EVER };
  await server.ask(async (client) => {
    for (const [name, duration] of Object.entries(policies))
      await keep(client, database, name, duration, name === rawPolicy);
    const queries = (await client.showContinousQueries(database)).map(({ name }) => name);
    for (const downsampling of downsamplings) {
      const { name } = downsampling;
      if (queries.includes(name)) await client.dropContinuousQuery(name, database);
      const select = selectInto(downsampling, { ...server.target, retentionPolicy: rawPolicy });
      await client.createContinuousQuery(name, select, database, RESAMPLE);
    }
  });
  return { database, retentionPolicies: policies, continuousQueries: downsamplings.map(({ name }) => name) };
}

async function defaultPolicy(server: Server): Promise<string | undefined> {
  const policies = await server.ask((client) => client.showRetentionPolicies(server.target.database));
  return policies.find((policy) => policy.default)?.name;
}

async function keep(
  client: InfluxDB,
  database: string,
  name: string,
  duration: string,
  isDefault: boolean,
): Promise<void> {
  const known = await client.showRetentionPolicies(database);
  const options = { database, duration, replication: 1, isDefault };
  if (known.some((policy) => policy.name === name)) await client.alterRetentionPolicy(name, options);
  else await client.createRetentionPolicy(name, options);
}
