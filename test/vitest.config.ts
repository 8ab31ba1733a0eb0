import { defineConfig } from 'vitest/config';

/** Run a layer by its folder: `npm test -- unit`, `npm test -- integration`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['support/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
