import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createChip, createMockBoard, presetOf } from '../../../mocks/index.ts';
import { presets } from '../../../mocks/presets.ts';
import { Board } from '../../../src/board/board.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { parseAddress } from '../../../src/transport/address.ts';
import { openEndpoint } from '../../../src/transport/open.ts';
import { temporaryFolder } from '../../support/folder.ts';

const fileOf = (yaml: string, name = 'my.yaml') => {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, yaml);
  return file;
};

test('an own preset is the known one that it extends, with what is different', () => {
  const { name, preset } = presetOf('boards/My board.yml', {
    extends: 'dam-a-stress',
    k2V: 280,
    mismatch: { k2Rel: 0 },
    defects: { dead: 2 },
  });
  const stress = presets['dam-a-stress'] ?? expect.unreachable();
  expect(name).toBe('My-board');
  expect(preset).toEqual({
    ...stress,
    k2V: 280,
    mismatch: { ...stress.mismatch, k2Rel: 0 },
    defects: { stuck: 0, leaky: 0, dead: 2 },
  });
  const { nodes } = createChip({ preset: { name, preset }, cells: 20 }).truth;
  expect(nodes.every(({ k2V }) => k2V === 280)).toBe(true);
  expect(nodes.filter(({ defect }) => defect === 'dead')).toHaveLength(2);
  expect(createMockBoard({ preset: { name, preset } }).truth.nodes[0]?.k2V).toBe(280);
});

test('a board address may name the file', async () => {
  const file = fileOf('extends: dam-b\nlimits: { maxAmplitudeV: 3 }\n', 'gentle.yaml');
  const endpoint = await openEndpoint(parseAddress(`mock:${file}?cells=4&via=pipe`), { seed: 2 });
  const board = await Board.connect(endpoint, { clock: systemClock });
  expect(board.identity).toMatchObject({ boardId: 'gentle:2', maxAmplitudeV: 3, rows: 4 });
  await board.close();
});

test('all problems of a file are told at once, with their lines', async () => {
  const file = fileOf('extends: dam-c\nk2V: many\nmismatch:\n  k3Rel: 0.1\ndefects: { stuck: -1 }\n');
  await expect(openEndpoint(parseAddress(`mock:${file}`), { seed: 1 })).rejects.toMatchObject({
    code: 'config-invalid',
    problems: [
      `${file}:1: extends found "dam-c"; did you mean 'dam-a'?`,
      `${file}:2: k2V expected number, found "many"`,
      expect.stringContaining(`${file}:4: mismatch.k3Rel is not a known key; did you mean 'k1Rel'?`),
      `${file}:5: defects.stuck expected at least 0, found -1`,
    ],
  });
});

test('and what contradicts the preset that it extends', async () => {
  const file = fileOf('extends: dam-a\nlimits: { minAmplitudeV: 6 }\ncouplingFF: 2000\n');
  await expect(openEndpoint(parseAddress(`mock:${file}`), { seed: 1 })).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringMatching(
      /contradicts itself: limits\.minAmplitudeV is 6, above maxAmplitudeV 5; couplingFF is 2000/,
    ),
  });
  await expect(openEndpoint(parseAddress('mock:no-such.yaml'), { seed: 1 })).rejects.toMatchObject({
    code: 'file-missing',
  });
});
