import { expect, test } from 'vitest';
import { CommitQueue } from '../../../src/store/commit-queue.ts';

function recorded(mostShared: number) {
  const groups: number[][] = [];
  let underWay = 0;
  const queue = new CommitQueue<number>({
    commit: async (items) => {
      underWay += 1;
      expect(underWay).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      groups.push([...items]);
      if (items.some((item) => item < 0)) throw new Error(`no ${items.join()}`);
    },
    sizeOf: Math.abs,
    mostShared,
  });
  return { queue, groups };
}

test('the first goes alone, those behind it share a commit up to the limit, a large one goes alone', async () => {
  const { queue, groups } = recorded(10);
  await Promise.all([1, 2, 3, 5, 1, 50, 2, 2].map((item) => queue.add(item)));
  await queue.add(4);
  expect(groups).toEqual([[1], [2, 3, 5], [1], [50], [2, 2], [4]]);
});

test('one that fails takes no other with it', async () => {
  const { queue, groups } = recorded(10);
  const results = await Promise.allSettled([1, 2, -3, 4].map((item) => queue.add(item)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(results[2]).toMatchObject({ reason: { message: 'no -3' } });
  expect(groups).toEqual([[1], [2, -3, 4], [2], [-3], [4]]);
});
