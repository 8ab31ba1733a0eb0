import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ChipTruth } from '../../../mocks/index.ts';
import { fnloop, fnloopJson, startMock } from '../../support/fnloop.ts';
import { temporaryFolder } from '../../support/folder.ts';

const infoOf = (address: string) => fnloopJson<{ readonly bootNonce: number }>('info', '--board', address);
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

test('a chip that cannot be is refused with its options', async () => {
  const folder = temporaryFolder();
  const preset = join(folder, 'own.yaml');
  writeFileSync(preset, 'extends: dam-a\nk1: 3\nstartV: high\n');
  const state = join(folder, 'chip.json');
  writeFileSync(state, '{"schemaVersion":');
  const ended = await Promise.all([
    mock('--preset', preset),
    mock('--preset', 'dam-z'),
    mock('--state', state),
    mock('--truth', join(folder, 'nowhere', 'truth.json')),
    mock('--stuck', '100', '--cells', '8'),
    mock('--temperature', '300'),
    mock('--drift', '2000K'),
  ]);
  expect(ended.map(({ code, stdout }) => [code, stdout])).toEqual(ended.map(() => [2, '']));
  const [own, unknown, cut, nowhere, many, unit, fast] = ended.map(({ stderr }) => stderr);
  expect(own).toMatch(
    /own\.yaml:2: k1 is not a known key; .*\n.*own\.yaml:3: startV expected number, found "high"/,
  );
  expect(unknown).toContain("there is no preset 'dam-z'");
  expect(cut).toContain('chip.json cannot be used: it is not whole');
  expect(nowhere).toContain('truth.json cannot be written: ENOENT');
  expect(many).toContain('100 nodes cannot have defects, expected at most 16');
  expect(unit).toContain('Expected a temperature with its unit from 150K to 500K');
  expect(fast).toContain('from -1000K to 1000K');
});

test('a chip is what its options say, and its state file goes on with it', async () => {
  const folder = temporaryFolder();
  const [state, truth, preset] = [
    join(folder, 'chip.json'),
    join(folder, 'truth.json'),
    join(folder, 'own.yaml'),
  ];
  writeFileSync(preset, 'extends: dam-a-stress\nstartV: 8\n');
  const options = [
    '--preset',
    preset,
    '--seed',
    '4',
    '--cells',
    '8',
    '--stuck',
    '1',
    '--leaky',
    '2',
    '--dead',
    '3',
  ];
  const chip = ['--state', state, '--truth', truth, '--temperature', '310K', '--drift', '-1.5K'];
  const first = await startMock('--tcp', '127.0.0.1:0', ...options, ...chip);
  const written = JSON.parse(readFileSync(truth, 'utf8')) as ChipTruth & { readonly boardId: string };
  expect(written).toMatchObject({ boardId: 'own:4', seed: 4, temperatureK: 310, driftKPerHour: -1.5 });
  const count = (name: string) => written.nodes.filter(({ defect }) => defect === name).length;
  expect(['stuck', 'leaky', 'dead'].map(count)).toEqual([1, 2, 3]);
  const before = await infoOf(first.ready.address);
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
  const second = await startMock('--tcp', '127.0.0.1:0', ...options, '--state', state);
  expect((await infoOf(second.ready.address)).bootNonce).not.toBe(before.bootNonce);
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
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
