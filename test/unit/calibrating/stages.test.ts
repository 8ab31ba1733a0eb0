import { expect, test } from 'vitest';
import type { BoardIdentity } from '../../../src/board/types.ts';
import { pulseGroups } from '../../../src/calibrating/pulse-groups.ts';
import type { Boot, RunRecord } from '../../../src/calibrating/run-record.ts';
import { pointsOf } from '../../../src/calibrating/stages.ts';

const boot = (parts: Partial<Boot>): Boot => ({
  bootNonce: 1,
  readings: [],
  pulses: [],
  doubts: [],
  temperatures: [],
  lastBatch: 0,
  ...parts,
});
const record = (...boots: readonly Boot[]): RunRecord => ({
  board: { rows: 1, columns: 1, bootNonce: 1, lastBatch: 0, boardTimeUs: 0 } as BoardIdentity,
  boots,
});
const read = (node: number, atUs: number, code: number) => ({ node, atUs, code });

test('a pulse is a stage of its own between the stages that lead to it and to the reading after it', () => {
  const pulse = {
    node: 0,
    startUs: 5000,
    endUs: 6000,
    dacCode: 7,
    before: { atUs: 4000, code: 90 },
    after: { atUs: 6500, code: 80 },
  };
  const readings = [read(0, 1000, 100), read(1, 1000, 200), read(0, 9000, 70), read(1, 9000, 190)];
  const [pulsed, other] = pointsOf([record(boot({ readings, pulses: [pulse] }))]);
  expect(pulsed).toMatchObject({
    node: 0,
    durationUs: [0, 3000, 1000, 1000, 500, 2500],
    dacCode: [0, 0, 0, 7, 0, 0],
    code: [100, 90, null, null, 80, 70],
  });
  expect(other).toMatchObject({ node: 1, durationUs: [0, 8000], code: [200, 190] });
});

test('what nobody knows the time of breaks the series of its node, and of no other', () => {
  const readings = [read(0, 1000, 100), read(1, 1000, 200), read(0, 9000, 70), read(1, 9000, 190)];
  const [doubted, other] = pointsOf([record(boot({ readings, doubts: [{ node: 0, afterUs: 1000 }] }))]);
  expect(doubted?.durationUs).toEqual([0, null]);
  expect(other?.durationUs).toEqual([0, 8000]);
});

test('a stage has the mean temperature of its time, on straight lines between the readings', () => {
  const readings = [read(0, 0, 3), read(0, 4000, 2), read(0, 8000, 1)];
  const temperatures = [
    { atUs: 0, temperatureK: 300 },
    { atUs: 8000, temperatureK: 304 },
  ];
  const [points] = pointsOf([record(boot({ readings, temperatures }))]);
  expect(points?.temperatureK).toEqual([300, 301, 303]);
});

test('neighbors are never pulsed together, and every node once', () => {
  const [rows, columns] = [4, 5];
  const nodes = new Set(
    Array.from({ length: 2 * rows * columns }, (_, node) => node).filter((node) => node !== 13),
  );
  const groups = pulseGroups(nodes, 1, { rows, columns });
  expect(groups.map(({ kind }) => kind)).toEqual(['SET', 'SET', 'RESET', 'RESET']);
  for (const { cells } of groups) {
    for (const cell of cells) {
      const isAtEnd = cell % columns === columns - 1;
      expect(cells).not.toContain(cell + columns);
      if (!isAtEnd) expect(cells).not.toContain(cell + 1);
    }
  }
  const pulsed = groups.flatMap(({ kind, cells }) =>
    cells.map((cell) => 2 * cell + (kind === 'RESET' ? 1 : 0)),
  );
  expect(pulsed.toSorted((one, other) => one - other)).toEqual([...nodes]);
});
