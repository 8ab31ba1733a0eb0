import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { systemCodeOf } from '../core/errors.ts';

/** Bit of a signal's number in the masks of /proc. */
const HANG_UP = 1n;
const ACCESS_MODE = 0o3;
const WRITE_ONLY = 0o1;

/**
 * Whether this process was started to outlive its terminal. Node restores every signal's default before any JavaScript runs, so
 * that SIGHUP was ignored at the start has to be seen by its traces: the shell says that the program which it ran was nohup; nohup has put a
 * standard input in place of the terminal that can only be written to; or whoever started us ignores SIGHUP itself, as a script under
 * nohup does, or one that says `trap '' HUP`. The last two are known on Linux only.
 */
export function outlivesTerminal(environment: Readonly<Record<string, string | undefined>>): boolean {
  return basename(environment['_'] ?? '') === 'nohup' || isInputOfNohup() || isIgnoredBy(process.ppid);
}

function isInputOfNohup(): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(systemText('/proc/self/fdinfo/0'))?.[1];
  if (flags === undefined || (Number.parseInt(flags, 8) & ACCESS_MODE) !== WRITE_ONLY) return false;
  return readlinkSync('/proc/self/fd/0') === '/dev/null';
}

/** The first process of all is nobody's shell. */
function isIgnoredBy(pid: number): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(systemText(`/proc/${pid}/status`))?.[1];
  return pid > 1 && mask !== undefined && (BigInt(`0x${mask}`) & HANG_UP) !== 0n;
}

/** Empty where the system has no such file. */
function systemText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    return '';
  }
}
