import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { authorization, readCredentials } from '../../../src/influx/credentials.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('variables that are set to nothing count as not set', () => {
  const empty = { INFLUX_USERNAME: '', INFLUX_PASSWORD: '', INFLUX_TOKEN: '' };
  expect(authorization(readCredentials(undefined, empty))).toBeUndefined();
  expect(authorization(readCredentials(undefined, { ...empty, INFLUX_TOKEN: 'T0k' }))).toBe('Token T0k');
  expect(authorization(readCredentials(undefined, { ...empty, INFLUX_USERNAME: 'me' }))).toBe(
    `Basic ${Buffer.from('me:').toString('base64')}`,
  );
});

test('a file that others may read is refused, as is no YAML', () => {
  const file = join(temporaryFolder(), 'credentials.yaml');
  writeFileSync(file, 'token: T0k\n', { mode: 0o644 });
  const read = () => readCredentials(file, {});
  expect(read).toThrow(
    expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining('mode 644') }),
  );
  chmodSync(file, 0o600);
  expect(authorization(read())).toBe('Token T0k');
  writeFileSync(file, 'token: "hush');
  expect(read).toThrow(
    expect.objectContaining({ code: 'config-invalid', message: expect.not.stringContaining('hush') }),
  );
});
