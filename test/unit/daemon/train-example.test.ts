import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { roleTokens, secretOf, startApi } from '../../support/daemon-api.ts';
import { TRAIN_EXAMPLE, trainInPython } from '../../support/train-example.ts';

test('sixty lines of Python with nothing but its library train perfect cells by the API', async () => {
  const { lab, url } = await startApi({ tokens: roleTokens });
  const { code, stdout, stderr } = await trainInPython(url, 'left', secretOf('run'));
  expect([code, stderr]).toEqual([0, '']);
  const { testAccuracy, updates, energyPerUpdateFJ } = JSON.parse(stdout) as Record<string, number>;
  expect(testAccuracy).toBeGreaterThanOrEqual(0.95);
  expect([updates, energyPerUpdateFJ]).toEqual([31 * 200, 8]);
  expect(lab.asked.at(-1)).toBe('close');
  expect(lab.boards().map(({ session }) => session)).toEqual([null, null]);
});

test('it does not open a session with a token that may only read', async () => {
  const { lab, url } = await startApi({ tokens: roleTokens });
  const { code, stderr } = await trainInPython(url, 'left', secretOf('read'));
  expect([code, stderr]).toEqual([1, expect.stringContaining('403')]);
  expect(lab.asked).toEqual([]);
});

test('it has at most sixty lines, and imports only the standard library', () => {
  const lines = readFileSync(TRAIN_EXAMPLE, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(60);
  expect(lines.filter((line) => /^\s*(import|from) /.test(line))).toEqual([
    'import json, math, os, sys, urllib.request',
  ]);
});
