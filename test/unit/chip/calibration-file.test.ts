import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMockBoard } from '../../../mocks/index.ts';
import {
  assertCalibrates,
  calibrationFile,
  firmwareNote,
  openCalibration,
  readCalibration,
  writeCalibration,
} from '../../../src/chip/calibration-file.ts';
import { spellSealed } from '../../../src/config/sealed.ts';
import { boardStateFile } from '../../../src/store/board-state.ts';
import { calibrationOfMock, NOW_NS } from '../../support/calibration.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const mock = { preset: 'dam-a', cells: 4 } as const;
const calibration = await calibrationOfMock(mock);
const board = (await boardOn(wireTo(createMockBoard(mock)))).identity;

function written(): { readonly folder: string; readonly file: string } {
  const folder = temporaryFolder();
  const file = calibrationFile(folder, calibration.board.boardId);
  writeCalibration(file, calibration);
  return { folder, file };
}

describe('a calibration file', () => {
  test('gives back what was written, to the last digit, and replaces what was there as a whole', () => {
    const { folder, file } = written();
    expect(readCalibration(file)).toEqual(calibration);
    writeCalibration(file, { ...calibration, readNoiseV: 1 / 3 });
    expect(readCalibration(file).readNoiseV).toBe(1 / 3);
    expect(readdirSync(join(folder, 'calibrations'))).toHaveLength(1);
  });

  test('is named as the state of its board is, and known by its own checksum', () => {
    const { file } = written();
    for (const id of ['bench-07', 'BENCH-07', 'dam-a:1', 'con', '../x'])
      expect(calibrationFile('runs', id).replace('calibrations', 'boards')).toBe(boardStateFile('runs', id));
    expect(openCalibration(file).sha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, -100), /it is not whole: expected one JSON document/],
    ['empty', () => '', /it is not whole/],
    [
      'edited',
      (text: string) => text.replace('"weightSign":1', '"weightSign":-1'),
      /it was edited or damaged/,
    ],
    ['of a newer fnloop', () => spellSealed({ ...calibration, schemaVersion: 2 }), /a newer fnloop wrote it/],
    ['something else', () => spellSealed({ schemaVersion: 1, boardId: 'x' }), /board is missing/],
    ['no object', () => '[1]', /expected a JSON object/],
  ])('that is %s is refused', (_, change, reason) => {
    const { file } = written();
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    expect(() => readCalibration(file)).toThrow(
      expect.objectContaining({ code: 'calibration-invalid', message: expect.stringMatching(reason) }),
    );
    expect(() => readCalibration(file)).toThrow(`The calibration ${file} cannot be used`);
    expect(() => readCalibration(file)).toThrow("'fnloop calibrate'");
  });

  test('that is not there is missing, and one that cannot be written leaves the old one', () => {
    const folder = temporaryFolder();
    expect(() => readCalibration(join(folder, 'none.json'))).toThrow(
      expect.objectContaining({ code: 'file-missing', message: expect.stringContaining('ENOENT') }),
    );
    const file = join(folder, 'taken');
    mkdirSync(join(file, 'x'), { recursive: true });
    expect(() => writeCalibration(file, calibration)).toThrow(
      expect.objectContaining({ code: 'record-failed' }),
    );
    expect(existsSync(join(file, 'x'))).toBe(true);
  });
});

describe('a calibration is', () => {
  const check = (changes: Partial<typeof board>, nowNs = NOW_NS) =>
    assertCalibrates(
      { file: 'c.json', calibration },
      { board: { ...board, ...changes }, device: 'dam-a', wallNs: nowNs },
    );

  test('of its own board, until it expires', () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({}, BigInt(calibration.expiresWallNs) - 1n)).not.toThrow();
  });

  test.each([
    ['another board', { boardId: 'dam-a:2' }, 'it is of board dam-a:1, and this is board dam-a:2'],
    ['another geometry', { rows: 99 }, `has 99 and ${board.columns}`],
    [
      'another ADC',
      { readGain: board.readGain * (1 + 1e-6) },
      'V a step of the ADC, and board dam-a:1 announces',
    ],
    ['another DAC', { dacBits: 12 }, 'V a step of the DAC'],
  ])('not of %s', (_, changes, reason) => {
    expect(() => check(changes)).toThrow(
      expect.objectContaining({ code: 'calibration-invalid', message: expect.stringContaining(reason) }),
    );
    expect(() => check(changes)).toThrow('The calibration c.json cannot be used');
  });

  test('not of another device', () => {
    const file = { file: 'c.json', calibration };
    expect(() => assertCalibrates(file, { board, device: 'dam-b', wallNs: NOW_NS })).toThrow(
      'it was measured as device dam-a, and this is device dam-b',
    );
  });

  test('not good for ever', () => {
    expect(() => check({}, BigInt(calibration.expiresWallNs))).toThrow(
      /it was measured until 2026-11-17 11:06:40Z and is good until 2026-12-17 11:06:40Z, and now it is 2026-12-17 11:06:40Z/,
    );
  });

  test('good for another firmware, which is worth a note', () => {
    expect(() => check({ firmware: 'next-1' })).not.toThrow();
    expect(firmwareNote(calibration, board)).toBeUndefined();
    expect(firmwareNote(calibration, { ...board, firmware: 'next-1' })).toMatch(/and now runs next-1/);
  });
});
