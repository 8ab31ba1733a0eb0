// Claims the folders that are named on standard input, one a line, and says for each whether it has it; ends at the end of that.
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const built = join(import.meta.dirname, '..', '..', 'dist', 'src', 'daemon', 'daemon-file.js');
const { DaemonFile } = await import(pathToFileURL(built).href);

process.stdout.write('ready\n');
for await (const folder of createInterface({ input: process.stdin })) {
  try {
    new DaemonFile(folder).write({ address: null, boards: [] });
    process.stdout.write('has it\n');
  } catch (error) {
    process.stdout.write(`${error.code}\n`);
  }
}
