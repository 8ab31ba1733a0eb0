import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fnloop, startMock } from '../../support/fnloop.ts';
import { temporaryFolder } from '../../support/folder.ts';

const mock = (...parameters: string[]) => fnloop('mock', '--tcp', '127.0.0.1:0', ...parameters);

test('what cannot be understood is refused before anything is served', async () => {
  const file = join(temporaryFolder(), 'faults.yaml');
  writeFileSync(file, 'rates: { drip: 0.1 }\n');
  const ended = await Promise.all([
    mock('--faults', 'corupt:0.1'),
    mock('--faults', file),
    mock('--jitter', '2'),
    mock('--skew', '50'),
  ]);
  expect(ended.map(({ code, stdout }) => [code, stdout])).toEqual(ended.map(() => [2, '']));
  const [unknown, document, jitter, skew] = ended.map(({ stderr }) => stderr);
  expect(unknown).toContain("there is no fault 'corupt', expected one of corrupt, drop,");
  expect(document).toContain(":1: rates.drip is not a known key; did you mean 'drop'?");
  expect(jitter).toContain('Expected a time with its unit');
  expect(skew).toContain('a clock skew needs real time');
});

test('conditions of the wire are served, and SIGTERM ends it at any time', async () => {
  const file = join(temporaryFolder(), 'faults.yml');
  writeFileSync(file, 'rates: { corrupt: 0.1 }\nat:\n  - { fault: reboot, afterPulses: 5 }\n');
  const { ready, child, ended } = await startMock(
    ...['--tcp', '127.0.0.1:0', '--time', 'real', '--skew', '-50'],
    ...['--baud', '115200', '--jitter', '500us', '--faults', file],
  );
  expect(ready).toMatchObject({ ready: true, address: expect.stringMatching(/^tcp:127\.0\.0\.1:\d+$/) });
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});
