// Reads the files of a folder by the built program, and prints by how much its memory grew at most: `node reading-documents.mjs FOLDER`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const config = join(import.meta.dirname, '..', '..', 'dist', 'src', 'config');
const { readDocument } = await import(pathToFileURL(join(config, 'document.js')).href);
const { experimentSchema } = await import(pathToFileURL(join(config, 'experiment.js')).href);

const KB_PER_MB = 1_000;
const before = process.resourceUsage().maxRSS;
const [, , folder] = process.argv;
let refused = 0;
for (const file of readdirSync(folder)) {
  try {
    readDocument(join(folder, file), experimentSchema);
  } catch (error) {
    if (error.code !== 'config-invalid') throw error;
    refused += 1;
  }
}
process.stdout.write(
  `${JSON.stringify({ refused, grewMB: (process.resourceUsage().maxRSS - before) / KB_PER_MB })}\n`,
);
