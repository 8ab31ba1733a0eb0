import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { systemCodeOf } from '../core/errors.ts';
import { isAlive, type ProcessIdentity, thisProcess } from '../core/process-identity.ts';

const NAME = /^claim-(\d{1,15})$/;
const identity = z.object({ pid: z.int().min(1), startedAs: z.string() });

/**
 * Claims a folder for this process; returns who has it instead. Claims are numbered, each made as a whole and once, and the highest one
 * holds as long as its process lives: nothing that a killed process leaves has to be taken away, and of two that see it dead only one
 * can have the next number.
 */
export function claim(folder: string): ProcessIdentity | undefined {
  const mine = thisProcess();
  const written = join(folder, `claiming-${mine.pid}`);
  writeFileSync(written, JSON.stringify(mine));
  try {
    for (;;) {
      const last = claimsIn(folder).at(-1) ?? 0;
      const owner = ownerOf(folder, last);
      if (owner !== undefined && isAlive(owner)) return isSame(owner, mine) ? undefined : owner;
      if (!linked(written, join(folder, `claim-${last + 1}`))) continue;
      // Who was slow may have a number that others have left behind.
      if (claimsIn(folder).at(-1) === last + 1) {
        for (const old of claimsIn(folder))
          if (old <= last) rmSync(join(folder, `claim-${old}`), { force: true });
        return undefined;
      }
      rmSync(join(folder, `claim-${last + 1}`), { force: true });
    }
  } finally {
    rmSync(written, { force: true });
  }
}

const isSame = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.pid === other.pid && one.startedAs === other.startedAs;

const claimsIn = (folder: string): number[] =>
  readdirSync(folder)
    .flatMap((file) => NAME.exec(file)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other);

/** Undefined for a claim that is gone by now, or that says nothing, as after a power cut. */
function ownerOf(folder: string, number: number): ProcessIdentity | undefined {
  try {
    return identity.parse(JSON.parse(readFileSync(join(folder, `claim-${number}`), 'utf8')));
  } catch {
    return undefined;
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
