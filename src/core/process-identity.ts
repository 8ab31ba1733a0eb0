import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemCodeOf } from './errors.ts';

/** A process for good: an id is given to another one later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, as its system says it. */
  readonly startedAs: string;
}

/** Fields of /proc/PID/stat behind the name, which may have blanks and brackets in it. */
const STATE = 0;
const START_TICKS = 19;

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  startedAs: startOf(process.pid) ?? 'unknown',
});

/** Whether that very process is there. One of another user counts, and one whose start nobody may see. */
export function isAlive({ pid, startedAs }: ProcessIdentity): boolean {
  const start = startOf(pid);
  return start === undefined ? isThere(pid) : start === startedAs;
}

/** Undefined where it cannot be told; of one that has ended, and whose parent does not care, nothing that any other says. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[STATE] === 'Z' || fields[STATE] === 'X') return 'ended';
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot} ${fields[START_TICKS]}`;
    }
    if (process.platform === 'win32') return undefined;
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return started === '' ? undefined : started;
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    // Signal 0 only asks.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}
