import * as z from 'zod';
import { readYaml } from '../../config/yaml-text.ts';
import { FnloopError } from '../../core/errors.ts';
import { readOwnFile } from '../../core/own-file.ts';
import { DEFAULT_URL } from '../places.ts';

/** Where a daemon is, and what opens it. The token goes into requests only: never into logs, errors or addresses. */
export interface DaemonAddress {
  readonly url: string;
  readonly token?: string | undefined;
}

const fileSchema = z.strictObject({ url: z.string().optional(), token: z.string().optional() });

/** What the command line says of it. */
export interface AddressChoices {
  readonly daemon?: string | undefined;
  /** A YAML file with `url` and `token`, either or both. */
  readonly credentials?: string | undefined;
}

/** The command line goes before the environment, and that before the file. Throws `config-invalid` or `file-missing`. */
export function daemonAddress(
  { daemon, credentials }: AddressChoices,
  environment: Readonly<Record<string, string | undefined>>,
): DaemonAddress {
  const file = credentials === undefined ? {} : fromFile(credentials);
  const url = daemon ?? notEmpty(environment['FNLOOP_DAEMON']) ?? file.url ?? DEFAULT_URL;
  return { url: plainUrl(url), token: notEmpty(environment['FNLOOP_TOKEN']) ?? file.token };
}

const notEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** A parser's own message would repeat what it could not read. */
function fromFile(file: string): z.infer<typeof fileSchema> {
  const text = readOwnFile(file, 'credentials file');
  const document = readYaml(text);
  const read = fileSchema.safeParse(typeof document === 'string' ? undefined : document.value);
  if (read.success) return read.data;
  throw new FnloopError(
    'config-invalid',
    `The credentials file ${file} is to be YAML with url and token, each a text.`,
  );
}

function plainUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '')
    throw new FnloopError(
      'config-invalid',
      'The address of a daemon is to be http://HOST:PORT, nothing after it.',
    );
  if (url.username === '' && url.password === '') return url.origin;
  throw new FnloopError(
    'config-invalid',
    'The address of a daemon is to have no credentials in it: they belong into FNLOOP_TOKEN or a file.',
  );
}
