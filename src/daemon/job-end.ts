import type { ErrorCode } from '../core/errors.ts';
import type { JobState } from './lab.ts';
import type { WorkEnded } from './messages.ts';

/** Nobody, or somebody else, was at the other end. */
const UNREACHED: readonly ErrorCode[] = [
  'port-missing',
  'port-busy',
  'port-refused',
  'link-lost',
  'no-reply',
];
/** What a run ended with that could be gone on with once the reason is gone. */
const INTERRUPTING: readonly ErrorCode[] = [
  ...UNREACHED,
  'outcome-unknown',
  'run-in-use',
  'record-failed',
  'interrupted',
  'brought-to-rest',
];
/** What speaks against the board itself. */
const FAULTS: readonly ErrorCode[] = [
  'no-reply',
  'unexpected-reply',
  'outcome-unknown',
  'board-refused',
  'chip-unfit',
];

export interface JobEnd {
  readonly state: JobState;
  readonly reason: string | null;
  readonly code?: ErrorCode;
  /** What was wrong with the board; null where nothing was. */
  readonly fault: string | null;
}

export interface EndCircumstances {
  /** Somebody stopped the job. */
  readonly wasStopped: boolean;
  /** The run has a file. */
  readonly hasBegun: boolean;
  /** Why a run ends that nobody stopped. */
  readonly otherwise: string;
}

/** What becomes of a job, by how its run ended. */
export function jobEnd(
  { status, error }: Pick<WorkEnded, 'status' | 'error'>,
  { wasStopped, hasBegun, otherwise }: EndCircumstances,
): JobEnd {
  if (error !== null) {
    // One that could not begin for want of its board begins when that is back.
    if (UNREACHED.includes(error.code) && !hasBegun && !wasStopped)
      return { state: 'queued', reason: null, fault: null };
    const state = INTERRUPTING.includes(error.code) ? 'interrupted' : 'failed';
    const reason = [error.message, ...error.problems].join(' ');
    return { state, reason, code: error.code, fault: FAULTS.includes(error.code) ? error.message : null };
  }
  if (status === 'finished') return { state: 'finished', reason: null, fault: null };
  if (wasStopped) return { state: 'stopped', reason: null, fault: null };
  return { state: 'interrupted', reason: otherwise, fault: null };
}
