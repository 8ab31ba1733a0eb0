import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NodeUsage } from '../../../src/scheduling/node-usage.ts';
import { BoardState, boardStateFile } from '../../../src/store/board-state.ts';
import { spellBoardState } from '../../../src/store/board-state-format.ts';
import { temporaryFolder } from '../../support/folder.ts';

const board = { boardId: 'BENCH-07', rows: 2, columns: 2 };

function usage(node: number, pulses: number, voltSeconds: number, chargeFC: number): NodeUsage {
  const nodes = new NodeUsage();
  nodes.add(node, { pulses, voltSeconds, chargeFC });
  return nodes;
}

/** A folder with the state of a board whose node 3 has had two pulses. */
function used(): { readonly runs: string; readonly file: string } {
  const runs = temporaryFolder();
  const state = BoardState.open(runs, board);
  state.begin(join(runs, 'r1'));
  state.charge(usage(3, 2, 0.1, 1 / 3));
  return { runs, file: state.file };
}

describe('a board state file', () => {
  test('of a board that was never used is not there, and says that nothing happened', () => {
    const runs = temporaryFolder();
    const state = BoardState.open(runs, board);
    expect(state.openRun).toBeUndefined();
    expect([...state.totals.entries()]).toEqual([]);
    expect(readdirSync(runs)).toEqual([]);
  });

  test('gives back what was charged, to the last digit, and adds to it', () => {
    const { runs, file } = used();
    const again = BoardState.open(runs, board);
    expect([...again.totals.entries()]).toEqual([[3, { pulses: 2, voltSeconds: 0.1, chargeFC: 1 / 3 }]]);
    again.begin(join(runs, 'r2'));
    again.charge(usage(3, 1, 0.2, 0.5));
    expect(BoardState.open(runs, board).totals.of(3)).toEqual({
      pulses: 3,
      voltSeconds: 0.1 + 0.2,
      chargeFC: 1 / 3 + 0.5,
    });
    expect(readdirSync(join(runs, 'boards'))).toEqual([basename(file)]);
  });

  test('charges a run that goes on after it was charged once, whoever comes to its end', () => {
    const { runs } = used();
    const folder = join(runs, 'r1');
    BoardState.open(runs, board).reopen(folder, usage(3, 2, 0.1, 1 / 3));
    const again = BoardState.open(runs, board);
    expect(again.isOpen(folder)).toBe(true);
    expect(again.totals.of(3)).toEqual({ pulses: 0, voltSeconds: 0, chargeFC: 0 });
    // Its process died: the next one finds it open, and takes out nothing.
    again.reopen(folder, usage(3, 3, 0.2, 0.4));
    again.charge(usage(3, 5, 0.3, 0.5));
    expect(BoardState.open(runs, board).totals.of(3)).toEqual({
      pulses: 5,
      voltSeconds: 0.3,
      chargeFC: 0.5,
    });
    expect(BoardState.open(runs, board).openRun).toBeUndefined();
  });

  test('says which run is under way, also after a crash', () => {
    const { runs } = used();
    const state = BoardState.open(runs, board);
    state.begin(join(runs, 'r2'));
    expect(BoardState.open(runs, board).openRun).toBe(join(runs, 'r2'));
    expect(() => state.begin(join(runs, 'r3'))).toThrow('Run r2 is still open');
  });

  test.each([
    [
      'edited',
      (text: string) => text.replace('"pulses":[0,0,0,2', '"pulses":[0,0,0,0'),
      'was edited or damaged',
    ],
    ['truncated', (text: string) => text.slice(0, -30), 'it is not whole: expected one JSON document'],
    ['empty', () => '', 'found 0 characters that are none'],
    ['no object', () => '[1]', 'expected a JSON object'],
    [
      'of a newer fnloop',
      (text: string) => text.replace('"schemaVersion":1', '"schemaVersion":2'),
      'it has schema version 2, this fnloop reads 1: a newer fnloop wrote it',
    ],
    [
      'of another board',
      (text: string) => respelled(text, { boardId: 'BENCH-08' }),
      'it is of board BENCH-08',
    ],
    [
      'of another geometry',
      (text: string) => respelled(text, { columns: 4 }),
      'it is of an array of 2 rows and 4 columns, the board has 2 and 2',
    ],
    [
      'of too few nodes',
      (text: string) => respelled(text, { pulses: [0, 0] }),
      'it has totals of 2, 8, 8 nodes, expected 8',
    ],
    [
      'with a negative total',
      (text: string) => respelled(text, { chargeFC: [-1, 0, 0, 0, 0, 0, 0, 0] }),
      'chargeFC.0 expected at least 0, found -1',
    ],
  ])('that is %s is refused, with the way out', (_, change, reason) => {
    const { runs, file } = used();
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    expect(() => BoardState.open(runs, board)).toThrow(
      expect.objectContaining({ code: 'state-invalid', message: expect.stringContaining(reason) }),
    );
    expect(() => BoardState.open(runs, board)).toThrow(
      'move it away, if the past of the board may be forgotten',
    );
  });

  test('that cannot be read or written is said to be so', () => {
    const runs = temporaryFolder();
    mkdirSync(boardStateFile(runs, board.boardId), { recursive: true });
    expect(() => BoardState.open(runs, board)).toThrow(
      expect.objectContaining({ code: 'state-invalid', message: expect.stringContaining('cannot be read') }),
    );
    const blocked = temporaryFolder();
    const state = BoardState.open(blocked, board);
    writeFileSync(join(blocked, 'boards'), '');
    expect(() => state.begin(join(blocked, 'r1'))).toThrow(
      expect.objectContaining({ code: 'record-failed' }),
    );
  });

  test('has a name that is one on all systems, and another for each board', () => {
    const ids = ['b0', 'B0', 'dam-a:1', 'dam-a_1', 'con', '.', '..', 'a.b', 'x'.repeat(32)];
    const names = ids.map((id) => basename(boardStateFile('runs', id)));
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(ids.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9_][a-z0-9_-]*(\.[0-9a-f]{8})?\.json$/);
    expect(names[0]).toBe('b0.json');
    expect(existsSync('runs')).toBe(false);
  });
});

/** As an fnloop would have written other content. */
function respelled(text: string, changes: Readonly<Record<string, unknown>>): string {
  const { schemaVersion: _, checksum: __, ...values } = JSON.parse(text);
  return spellBoardState({ ...values, ...changes });
}
