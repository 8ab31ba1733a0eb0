import { InfluxDB } from 'influx';
import { FnloopError, messageOf } from '../core/errors.ts';
import type { Credentials } from './credentials.ts';
import type { Database1, Target } from './target.ts';

/** A row of an answer: values by column. */
export type AnswerRow = Readonly<Record<string, string | number | boolean | null>>;

interface RawAnswer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly columns: readonly string[];
      readonly values: readonly (readonly (string | number | boolean | null)[])[];
    }[];
  }[];
}

const ANSWER_WITHIN_MS = 120_000;

/** Asks and sets up a database of InfluxDB 1.x, by its usual client. All reject with `database-unavailable`. */
export class Server {
  readonly target: Database1;
  readonly #client: InfluxDB;

  constructor(target: Database1, { username, password }: Credentials) {
    const { server, database } = target;
    this.target = target;
    this.#client = new InfluxDB({
      protocol: server.protocol === 'https:' ? 'https' : 'http',
      host: server.hostname,
      port: Number(server.port === '' ? (server.protocol === 'https:' ? 443 : 80) : server.port),
      path: server.pathname.replace(/\/$/, ''),
      database,
      pool: { requestTimeout: ANSWER_WITHIN_MS, maxRetries: 0 },
      ...(username === undefined ? {} : { username, password: password ?? '' }),
    });
  }

  /** Has the client do something. */
  async ask<T>(question: (client: InfluxDB) => Promise<T>): Promise<T> {
    try {
      return await question(this.#client);
    } catch (cause) {
      throw unavailable(this.target, messageOf(cause).trim(), cause);
    }
  }

  /** The rows of each statement's answer, times in nanoseconds as a client can hold them. */
  async rows(statements: readonly string[]): Promise<AnswerRow[][]> {
    const answer = (await this.ask((client) =>
      client.queryRaw([...statements], { precision: 'n', method: 'POST' }),
    )) as RawAnswer;
    return answer.results.map(({ error, series = [] }) => {
      if (error !== undefined) throw unavailable(this.target, error);
      return series.flatMap(({ columns, values }) =>
        values.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
      );
    });
  }
}

/** The queries that set up and compare are InfluxQL of 1.x. Throws `config-invalid` for another target. */
export function asDatabase1(target: Target): Database1 {
  if (target.version === 1) return target;
  throw new FnloopError(
    'config-invalid',
    `${target.name} is of InfluxDB 2.x or 3.x, to which fnloop ships; it sets up and compares databases of 1.x only.`,
  );
}

const unavailable = ({ name }: Database1, reason: string, cause?: unknown) =>
  new FnloopError('database-unavailable', `${name} does not answer as it should: ${reason}`, { cause });
