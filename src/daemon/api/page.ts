import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { FnloopError } from '../../core/errors.ts';
import { PAGE_POLICY } from './headers.ts';
import type { ApiEnv } from './parts.ts';

/** Where the build leaves the page: beside the program. */
export const builtPage: string = join(import.meta.dirname, '..', 'web');

const INDEX = 'index.html';
/** Names of assets carry a hash of their content. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

/** Serves the page of a folder: read once, so that no path of a request reaches the disk. Throws `file-missing`. */
export function servedPage(folder: string): Hono<ApiEnv> {
  if (!existsSync(join(folder, INDEX)))
    throw new FnloopError(
      'file-missing',
      `The page is not built: ${folder} has no ${INDEX}. Run 'npm run build'.`,
    );
  const page = new Hono<ApiEnv>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const content = readFileSync(file);
    const isIndex = entry.name === INDEX;
    const headers = {
      'content-type': getMimeType(entry.name) ?? 'application/octet-stream',
      'content-security-policy': PAGE_POLICY,
      'cache-control': isIndex ? 'no-cache' : FOR_GOOD,
    };
    page.get(isIndex ? '/' : file.slice(folder.length), (context) => context.body(content, 200, headers));
  }
  return page;
}
