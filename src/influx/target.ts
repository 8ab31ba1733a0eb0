import { FnloopError } from '../core/errors.ts';

interface TargetBase {
  /** How it is named in run files and messages: nothing secret is in it. */
  readonly name: string;
  /** Where the server is; ends with a slash. */
  readonly server: URL;
  readonly isLoopback: boolean;
}

/** A database of InfluxDB 1.x. */
export interface Database1 extends TargetBase {
  readonly version: 1;
  readonly database: string;
  /** The database's own default where absent. */
  readonly retentionPolicy: string | undefined;
}

/** A bucket of InfluxDB 2.x or 3.x. */
export interface Bucket2 extends TargetBase {
  readonly version: 2;
  readonly org: string;
  readonly bucket: string;
}

export type Target = Database1 | Bucket2;

const DEFAULT_DATABASE = 'fnloop';
const EXPECTED =
  'expected http://HOST:PORT?db=NAME&rp=NAME for InfluxDB 1.x, or http://HOST:PORT?org=NAME&bucket=NAME for 2.x and 3.x';

/** Reads the address of a database. Throws `config-invalid`, which never repeats an address that holds a secret. */
export function parseTarget(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const keys = [...(url?.searchParams.keys() ?? [])];
  if (
    url !== undefined &&
    (url.username !== '' || url.password !== '' || keys.some((key) => SECRETS.includes(key)))
  ) {
    throw new FnloopError(
      'config-invalid',
      'The address of the database holds credentials: leave them out, and give them as INFLUX_USERNAME and INFLUX_PASSWORD or INFLUX_TOKEN in the environment, or by --influx-credentials FILE.',
    );
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid(text, EXPECTED);
  const unknown = keys.find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw invalid(text, `'${unknown}' is unknown, ${EXPECTED}`);
  const { db, rp, org, bucket } = Object.fromEntries(url.searchParams);
  const server = new URL(url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`, url.origin);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const named = (parameters: Readonly<Record<string, string>>) =>
    `${server}?${new URLSearchParams(parameters)}`;
  if (org === undefined && bucket === undefined) {
    const database = db ?? DEFAULT_DATABASE;
    const name = named({ db: database, ...(rp === undefined ? {} : { rp }) });
    return { version: 1, name, server, isLoopback, database, retentionPolicy: rp };
  }
  if (!org || !bucket) throw invalid(text, 'org and bucket belong together');
  if (db !== undefined || rp !== undefined)
    throw invalid(text, 'db and rp are of 1.x, org and bucket of 2.x and 3.x');
  return { version: 2, name: named({ org, bucket }), server, isLoopback, org, bucket };
}

const SECRETS = ['u', 'p', 'username', 'password', 'token'];
const KNOWN = ['db', 'rp', 'org', 'bucket'];

const invalid = (text: string, problem: string) =>
  new FnloopError('config-invalid', `'${text}' is no address of a database: ${problem}.`);
