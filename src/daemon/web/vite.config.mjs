import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** The page, beside the program that serves it. */
export default defineConfig({
  root,
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(root, '..', '..', '..', 'dist', 'src', 'daemon', 'web'),
    emptyOutDir: true,
    target: 'es2023',
    // Its content policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
});
