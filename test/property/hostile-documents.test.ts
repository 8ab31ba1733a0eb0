import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeDocument } from '../../src/config/document.ts';
import { experimentSchema } from '../../src/config/experiment.ts';
import { FnloopError } from '../../src/core/errors.ts';
import { daemonSchema } from '../../src/daemon/config.ts';
import { experimentRequest } from '../../src/daemon/routes/jobs.ts';
import { temporaryFolder } from '../support/folder.ts';
import { hostileDocuments } from '../support/hostile-documents.ts';

const DOCUMENTS = 1_000;
/** What is wanted of each, and, for machines that do other work besides, of the median with room to spare. */
const MOST_MS = 200;
const schemas = [experimentSchema, daemonSchema, experimentRequest];

test(`${DOCUMENTS} documents of the largest size are each answered briefly, and at once`, () => {
  const spentMs: { readonly kind: string; readonly ms: number }[] = [];
  for (const [nth, { kind, text }] of hostileDocuments(DOCUMENTS, 16).entries()) {
    const before = process.cpuUsage();
    const refusal = refusalOf(() => decodeDocument(text, 'x.yaml', schemas[nth % 3] ?? experimentSchema));
    const { user, system } = process.cpuUsage(before);
    spentMs.push({ kind, ms: (user + system) / 1e3 });
    if (refusal !== undefined) expectBrief(refusal, kind);
  }
  spentMs.sort((one, other) => one.ms - other.ms);
  const worst = spentMs.slice(-5).map(({ kind, ms }) => `${kind} ${ms.toFixed(0)} ms`);
  const median = spentMs[DOCUMENTS / 2]?.ms ?? Number.NaN;
  process.stdout.write(`median ${median.toFixed(1)} ms; the worst: ${worst.join(', ')}\n`);
  expect(median, worst.join()).toBeLessThan(MOST_MS);
  // A quadratic step anywhere takes seconds for its kind.
  expect(spentMs.filter(({ ms }) => ms > 5 * MOST_MS)).toEqual([]);
}, 300_000);

test('none of them takes 100 MB', () => {
  const folder = temporaryFolder();
  const documents = hostileDocuments(100, 16);
  for (const [nth, { text }] of documents.entries()) writeFileSync(join(folder, `${nth}.yaml`), text);
  const script = join(import.meta.dirname, '..', 'support', 'reading-documents.mjs');
  const said = execFileSync(process.execPath, ['--max-old-space-size=100', script, folder], {
    encoding: 'utf8',
  });
  const { refused, grewMB } = JSON.parse(said) as { refused: number; grewMB: number };
  expect(refused).toBeGreaterThan(90);
  expect(grewMB).toBeLessThan(100);
}, 60_000);

function refusalOf(read: () => unknown): FnloopError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof FnloopError) return error;
    throw error;
  }
}

function expectBrief({ code, message, problems }: FnloopError, kind: string): void {
  expect(code, kind).toBe('config-invalid');
  const [, digits = ''] = /^x\.yaml has ([\d,]+) problems?\.$/.exec(message) ?? [];
  const count = Number(digits.replaceAll(',', ''));
  expect(count, kind).toBeGreaterThan(0);
  expect(problems, kind).toHaveLength(Math.min(count, 21));
  if (count > 20) expect(problems.at(-1)).toBe(`and ${(count - 20).toLocaleString('en')} more`);
  for (const problem of problems) {
    expect(problem.length, kind).toBeLessThan(600);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
    expect(problem, kind).not.toMatch(/[\x00-\x1f\x7f]/);
  }
}
