import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Run a layer by its folder: `npm test -- unit`, `npm test -- integration`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['support/build.ts'],
    // Tests mostly wait, for boards, servers and browsers: on two cores one worker, the default, would leave half of the time unused.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
