import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JobQueue } from '../../../src/daemon/job-queue.ts';
import { experimentOf } from '../../support/daemon.ts';
import { temporaryFolder } from '../../support/folder.ts';

const experiment = experimentOf(3);
const add = (queue: JobQueue, board: string) =>
  queue.add({ board, experiment, askedBy: 'me', askedWallNs: '5' });
test('what a queue was told, another process finds', () => {
  const runs = temporaryFolder();
  const queue = JobQueue.open(runs);
  const [first, second] = [add(queue, 'a'), add(queue, 'b')];
  queue.change(first.id, { state: 'running', runId: 'r1' });
  const again = JobQueue.open(runs);
  expect(again.all).toEqual([
    { ...first, state: 'running', runId: 'r1' },
    { ...second, experiment },
  ]);
  expect(add(again, 'a').id).toBe('j3');
});

test('a file that was edited, cut off or is of a newer fnloop is refused', () => {
  const runs = temporaryFolder();
  add(JobQueue.open(runs), 'a');
  const file = join(runs, 'daemon', 'jobs.json');
  const text = readFileSync(file, 'utf8');
  const damaged = [
    [text.replace('"queued"', '"paused"'), 'its checksum does not fit'],
    [text.slice(0, -20), 'it is not whole'],
    [text.replace('"schemaVersion":1', '"schemaVersion":2'), 'a newer fnloop wrote it'],
  ] as const;
  for (const [content, message] of damaged) {
    writeFileSync(file, content);
    expect(() => JobQueue.open(runs)).toThrow(expect.objectContaining({ code: 'state-invalid' }));
    expect(() => JobQueue.open(runs)).toThrow(message);
  }
});

test('jobs of one board are moved among each other, and only those that wait', () => {
  const queue = JobQueue.open(temporaryFolder());
  const [a1, b1, a2, a3] = ['a', 'b', 'a', 'a'].map((board) => add(queue, board).id) as [
    string,
    string,
    string,
    string,
  ];
  const idsOf = (board: string) => queue.ofBoard(board).map(({ id }) => id);
  queue.order(a3, a1);
  expect(idsOf('a')).toEqual([a3, a1, a2]);
  queue.order(a3, null);
  expect(idsOf('a')).toEqual([a1, a2, a3]);
  queue.change(a1, { state: 'running' });
  for (const [id, before] of [
    [a1, a2],
    [a2, a1],
    [a2, b1],
    [a2, a2],
    ['j99', null],
    [a2, 'j99'],
  ] as const)
    expect(() => queue.order(id, before)).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(idsOf('a')).toEqual([a1, a2, a3]);
});

test('a job that was interrupted is done or given up before the next', () => {
  const queue = JobQueue.open(temporaryFolder());
  const [first, second] = [add(queue, 'a'), add(queue, 'a')];
  queue.change(first.id, { state: 'interrupted' });
  expect(queue.nextOf('a')).toBeUndefined();
  queue.change(first.id, { state: 'stopped' });
  expect(queue.nextOf('a')?.id).toBe(second.id);
});

test('whatever is moved, no job is lost or doubled, and other boards stay as they are', () => {
  const queue = JobQueue.open(temporaryFolder());
  const ids = ['a', 'a', 'b', 'a', 'b', 'a'].map((board) => add(queue, board).id);
  const ofB = queue.ofBoard('b').map(({ id }) => id);
  const ofA = ids.filter((id) => !ofB.includes(id));
  const moves = fc.array(fc.tuple(fc.constantFrom(...ofA), fc.option(fc.constantFrom(...ofA))), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(moves, (moved) => {
      for (const [id, before] of moved) if (id !== before) queue.order(id, before);
      expect(queue.all.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(queue.ofBoard('b').map(({ id }) => id)).toEqual(ofB);
    }),
    { numRuns: 20 },
  );
});
