import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FnloopError } from '../../../src/core/errors.ts';
import { callerOf } from '../../../src/daemon/api/tokens.ts';
import { readDaemonConfig } from '../../../src/daemon/config.ts';
import { newToken } from '../../../src/daemon/tokens.ts';
import { temporaryFolder } from '../../support/folder.ts';

function written(text: string): string {
  const file = join(temporaryFolder(), 'daemon.yaml');
  writeFileSync(file, text);
  return file;
}

/** Every problem of a configuration, without the name of its file. */
function problemsOf(text: string): readonly string[] {
  const file = written(text);
  try {
    readDaemonConfig(file);
  } catch (error) {
    if (error instanceof FnloopError && error.code === 'config-invalid')
      return error.problems.map((problem) => problem.replaceAll(file, 'FILE'));
    throw error;
  }
  return [];
}

test('a short configuration has sensible defaults, and paths from where it is', () => {
  const file = written('runs: data\nboards: { b0: { address: "mock:dam-a", device: dam-a } }\n');
  expect(readDaemonConfig(file)).toEqual({
    runs: join(file, '..', 'data'),
    boards: { b0: { address: 'mock:dam-a', device: 'dam-a', patienceS: 600 } },
    listen: { host: '127.0.0.1', port: 7300 },
    tokens: [],
    hosts: [],
    resume: 'ask',
    disk: { leastFreeGB: 1 },
  });
});

test('all problems of its form are told at once, with their lines, and no secret', () => {
  const problems = problemsOf(`runs: data
boards:
  B0: { address: 1, device: dam-b }
resume: sometimes
retension: { days: 3 }
tokens:
  - { name: me, role: root, sha256: my-own-secret }
disk: { leastFreeGB: -1 }
`);
  expect(problems.join('\n')).toContain("FILE:5: retension is not a known key; did you mean 'retention'?");
  expect(problems.join('\n')).toContain('FILE:4: resume');
  expect(problems.join('\n')).toContain('FILE:7: tokens.0.role');
  expect(problems.length).toBeGreaterThanOrEqual(6);
  expect(problems.join('\n')).not.toContain('my-own-secret');
});

test('so are those of the whole, and no secret either', () => {
  const folder = temporaryFolder();
  const credentials = join(folder, 'credentials.yaml');
  writeFileSync(credentials, 'password: hidden-word');
  chmodSync(credentials, 0o644);
  const problems = problemsOf(`runs: data
boards:
  b0: { address: "tpc:host:1", device: dam-a }
  b1: { address: "mock:dam-a", device: dam-a, calibration: none.json }
  b2: { address: "mock:dam-a", device: dam-a }
influx: { url: "http://me:hidden-word@host:8086", credentials: "${credentials}" }
listen: { host: 0.0.0.0 }
`);
  expect(problems.map((problem) => problem.replace(/^FILE: ([\w.]+).*$/s, '$1'))).toEqual([
    'boards.b0.address',
    'boards.b1.calibration',
    'boards.b2.address',
    'influx.url',
    'influx.credentials',
    'listen.host',
  ]);
  expect(problems.join('\n')).toContain("did you mean 'tcp'?");
  expect(problems.join('\n')).not.toContain('hidden-word');
});

test('others than this machine are let in by tokens only', () => {
  const { token, entry } = newToken('run');
  const text = `runs: data
boards: {}
listen: { host: 0.0.0.0, port: 1 }
tokens: [{ name: ${entry.name}, role: run, sha256: ${entry.sha256} }]
`;
  const { tokens } = readDaemonConfig(written(text));
  expect(callerOf(`Bearer ${token}`, tokens, false)).toEqual({ name: entry.name, role: 'run' });
  const refusal = expect.objectContaining({ code: 'token-needed' });
  expect(() => callerOf(`Bearer ${token}x`, tokens, false)).toThrow(refusal);
  expect(() => callerOf(`Bearer ${token}`, [], false)).toThrow(refusal);
  // Any other tool makes the same of it.
  expect(entry.sha256).toBe(createHash('sha256').update(token).digest('hex'));
  expect(newToken('run').token).not.toBe(token);
});

test('hosts are names or addresses, as they stand in the header without their port', () => {
  const withHosts = (hosts: string) =>
    `runs: data\nboards: { b0: { address: "mock:dam-a", device: dam-a } }\nhosts: ${hosts}\n`;
  const good = '[bench.lab, fnloop-1, 10.0.0.7, "[fe80::1]"]';
  expect(readDaemonConfig(written(withHosts(good))).hosts).toHaveLength(4);
  for (const wrong of [
    '["bench.lab:7300"]',
    '["http://bench.lab"]',
    '["Bench.lab"]',
    '["*"]',
    '[""]',
    'bench.lab',
  ])
    expect(problemsOf(withHosts(wrong)).join(), wrong).toContain('FILE:3: hosts');
});
