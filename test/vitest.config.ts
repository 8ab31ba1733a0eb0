import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They take longest, so they begin first: one that began last would leave the other workers idle. */
const LONG = ['daemon-stress', 'influx', 'daemon-holds-board', 'training', 'resume', 'mock-real-time'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((name) => moduleId.endsWith(`integration/${name}.test.ts`));
      return place >= 0 ? place : LONG.length + (moduleId.includes('/integration/') ? 0 : 1);
    };
    return [...files].sort((one, other) => placeOf(one) - placeOf(other));
  }
}

/** Run a layer by its folder: `npm test -- unit`, `npm test -- integration`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    globalSetup: ['support/build.ts'],
    // Tests mostly wait, for boards, servers and browsers: on two cores one worker, the default, would leave half of the time unused.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      // No module has state, so units load each module once a worker: a quarter of their time.
      {
        extends: true,
        test: { name: 'units', include: ['{unit,property}/**/*.test.ts', '*.test.ts'], isolate: false },
      },
      { extends: true, test: { name: 'integration', include: ['integration/**/*.test.ts'] } },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
