import * as z from 'zod';
import { readYaml } from '../config/yaml-text.ts';
import { FnloopError } from '../core/errors.ts';
import { readOwnFile } from '../core/own-file.ts';

/** Who writes to a database. Handed to requests only: never logged, recorded or put into an address. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

const schema = z.strictObject({
  username: z.string().optional(),
  password: z.string().optional(),
  token: z.string().optional(),
});

/** From a file where one is named, else from the environment. Throws `file-missing` or `config-invalid`. */
export function readCredentials(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Credentials {
  if (file !== undefined) return fromFile(file);
  return {
    username: notEmpty(environment['INFLUX_USERNAME']),
    password: notEmpty(environment['INFLUX_PASSWORD']),
    token: notEmpty(environment['INFLUX_TOKEN']),
  };
}

/** A variable that is set to nothing is as good as none: it is how a script leaves it out. */
const notEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function fromFile(file: string): Credentials {
  const text = readOwnFile(file, 'credentials file');
  const read = schema.safeParse(parsed(text, file));
  if (read.success) return read.data;
  throw new FnloopError(
    'config-invalid',
    `The credentials file ${file} is to be YAML with username and password, or token, each a text: ${read.error.issues.map(({ message }) => message).join('; ')}.`,
  );
}

/** A parser's own message would repeat the line that it could not read. */
function parsed(text: string, file: string): unknown {
  const document = readYaml(text);
  if (typeof document !== 'string') return document.value;
  throw new FnloopError('config-invalid', `The credentials file ${file} is no YAML.`);
}

/** The Authorization header of requests; undefined for a server that asks for none. */
export function authorization({ username, password, token }: Credentials): string | undefined {
  if (token !== undefined) return `Token ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
}
