import type { ErrorCode } from '../core/errors.ts';
import type { BoardState } from './lab.ts';

/** Where a board stands. */
export interface Standing {
  readonly state: BoardState;
  /** Why, a sentence; null where that needs no reason. */
  readonly reason: string | null;
  /** Faults in a row, without anything done well in between. */
  readonly faults: number;
  /** Attempts to reach it in a row. */
  readonly attempts: number;
  readonly worker: 'none' | 'starting' | 'up' | 'ending';
  /** A job or a session is under way. */
  readonly isBusy: boolean;
  /** It was greeted, and its link has not given it up. */
  readonly isLinked: boolean;
  /** What brought it to rest until a person says go on, a sentence; null where it may work. */
  readonly rest: string | null;
}

/** What happens to a board. */
export type BoardEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'worker-up' }
  | { readonly kind: 'worker-died'; readonly reason: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly reason: string }
  /** Its connection went, or came back, while the link looks for it. */
  | { readonly kind: 'link-lost'; readonly reason: string }
  | { readonly kind: 'link-back' }
  /** The link gave it up. */
  | { readonly kind: 'link-ended'; readonly reason: string }
  | { readonly kind: 'work-begun' }
  /** With what was wrong with the board, where something was. */
  | { readonly kind: 'work-ended'; readonly fault: string | null }
  /** Something was done well: a step, a quiet minute. */
  | { readonly kind: 'did-well' }
  | { readonly kind: 'waited' }
  /** Something else than the daemon's own work brought it to rest. */
  | { readonly kind: 'rested'; readonly reason: string }
  /** A person says that it may work again. */
  | { readonly kind: 'go-on' }
  /** With other settings, in a new process. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'quarantine'; readonly reason: string }
  | { readonly kind: 'release' }
  /** Another process has its port from now on, and no longer. */
  | { readonly kind: 'lend'; readonly reason: string }
  | { readonly kind: 'returned' };

/** What is to be done next. */
export type BoardAction =
  | { readonly kind: 'start-worker' }
  | { readonly kind: 'connect' }
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'end-worker' };

export interface BoardPolicy {
  readonly firstWaitMs: number;
  readonly mostWaitMs: number;
  /** So many faults in a row, and the board is left alone until somebody releases it. */
  readonly mostFaults: number;
}

export const boardPolicy: BoardPolicy = { firstWaitMs: 500, mostWaitMs: 15_000, mostFaults: 8 };

export interface BoardTransition {
  readonly standing: Standing;
  readonly actions: readonly BoardAction[];
}

export const unbegun: Standing = {
  state: 'connecting',
  reason: null,
  faults: 0,
  attempts: 0,
  worker: 'none',
  isBusy: false,
  isLinked: false,
  rest: null,
};

/** Nobody is at the other end: an unplugged board is no fault of it. */
const ABSENCE: readonly ErrorCode[] = ['port-missing', 'link-lost'];

/** The life of a board in the daemon, pure: what follows from what. */
export function boardTransition(
  standing: Standing,
  event: BoardEvent,
  policy: BoardPolicy = boardPolicy,
): BoardTransition {
  if (event.kind === 'rested') return atRest(stay({ ...standing, rest: event.reason }));
  if (event.kind === 'go-on') return atRest(stay({ ...standing, rest: null }));
  return atRest(onward(standing, event, policy));
}

/** A board that is ready for work is not while something holds it at rest. */
function atRest({ standing, actions }: BoardTransition): BoardTransition {
  const { state, rest } = standing;
  if (rest !== null && (state === 'ready' || state === 'resting'))
    return { standing: { ...standing, state: 'resting', reason: rest }, actions };
  if (rest === null && state === 'resting')
    return { standing: { ...standing, state: 'ready', reason: null }, actions };
  return { standing, actions };
}

function onward(
  standing: Standing,
  event: Exclude<BoardEvent, { kind: 'rested' | 'go-on' }>,
  policy: BoardPolicy,
): BoardTransition {
  if (standing.state === 'quarantined' || standing.state === 'lent') return setApart(standing, event);
  switch (event.kind) {
    case 'begin':
    case 'waited':
      return standing.isLinked ? stay(standing) : reach(standing);
    case 'worker-up':
      return to({ ...standing, worker: 'up', state: 'connecting', reason: null }, { kind: 'connect' });
    case 'worker-died': {
      const bare: Standing = { ...standing, worker: 'none', isBusy: false, isLinked: false };
      return standing.worker === 'ending' ? reach(bare) : fault(bare, event.reason, policy);
    }
    case 'connected':
      return to({ ...standing, state: 'ready', reason: null, attempts: 0, isLinked: true });
    case 'refused':
      return ABSENCE.includes(event.code)
        ? absent({ ...standing, isLinked: false }, event.reason, policy)
        : fault({ ...standing, isLinked: false }, event.reason, policy);
    case 'link-lost':
      return to({ ...standing, state: 'connecting', reason: event.reason });
    case 'link-back':
      return to({ ...standing, state: standing.isBusy ? 'running' : 'ready', reason: null });
    case 'link-ended':
      return absent({ ...standing, isLinked: false, isBusy: false }, event.reason, policy);
    case 'work-begun':
      return to({ ...standing, state: 'running', reason: null, isBusy: true });
    case 'work-ended':
      return workEnded({ ...standing, isBusy: false }, event.fault, policy);
    case 'did-well':
      return to({ ...standing, faults: 0 });
    case 'restart':
      return restarted(standing);
    case 'quarantine':
      return leftAlone(standing, 'quarantined', event.reason);
    case 'lend':
      return leftAlone(standing, 'lent', event.reason);
    case 'release':
    case 'returned':
      return stay(standing);
  }
}

function restarted(standing: Standing): BoardTransition {
  const anew: Standing = {
    ...standing,
    state: 'connecting',
    reason: null,
    isLinked: false,
    faults: 0,
    attempts: 0,
  };
  return standing.worker === 'up' ? to({ ...anew, worker: 'ending' }, { kind: 'end-worker' }) : to(anew);
}

/** The daemon leaves it alone, until what set it apart is over. */
function setApart(standing: Standing, event: BoardEvent): BoardTransition {
  switch (event.kind) {
    case 'release':
    case 'returned': {
      const isOver = standing.state === (event.kind === 'release' ? 'quarantined' : 'lent');
      return isOver ? reach({ ...standing, faults: 0, attempts: 0 }) : stay(standing);
    }
    case 'quarantine':
      return to({ ...standing, state: 'quarantined', reason: event.reason });
    case 'worker-died':
      return to({ ...standing, worker: 'none', isBusy: false, isLinked: false });
    case 'worker-up':
      return to({ ...standing, worker: 'ending' }, { kind: 'end-worker' });
    case 'work-ended':
      return to({ ...standing, isBusy: false });
    default:
      return stay(standing);
  }
}

/** A worker first, then its connection. */
function reach(standing: Standing): BoardTransition {
  const connecting: Standing = { ...standing, state: 'connecting', reason: null };
  switch (standing.worker) {
    case 'none':
      return to({ ...connecting, worker: 'starting' }, { kind: 'start-worker' });
    case 'starting':
    case 'ending':
      return to(connecting);
    case 'up':
      return to(connecting, { kind: 'connect' });
  }
}

function absent(standing: Standing, reason: string, policy: BoardPolicy): BoardTransition {
  return later({ ...standing, state: 'absent', reason }, policy);
}

function fault(standing: Standing, reason: string, policy: BoardPolicy): BoardTransition {
  const faults = standing.faults + 1;
  if (faults >= policy.mostFaults) {
    return leftAlone(
      { ...standing, faults },
      'quarantined',
      `After ${faults} faults in a row, the last: ${reason}`,
    );
  }
  return later({ ...standing, state: 'fault', reason, faults }, policy);
}

function later(standing: Standing, { firstWaitMs, mostWaitMs }: BoardPolicy): BoardTransition {
  const forMs = Math.min(mostWaitMs, firstWaitMs * 2 ** Math.min(standing.attempts, 20));
  return to({ ...standing, attempts: standing.attempts + 1 }, { kind: 'wait', forMs });
}

/** A board that is still linked is ready for the next job, were it not for what was wrong with it. */
function workEnded(standing: Standing, reason: string | null, policy: BoardPolicy): BoardTransition {
  if (reason === null)
    return to({ ...standing, state: standing.isLinked ? 'ready' : standing.state, reason: null });
  const faults = standing.faults + 1;
  if (faults >= policy.mostFaults)
    return leftAlone(
      { ...standing, faults },
      'quarantined',
      `After ${faults} faults in a row, the last: ${reason}`,
    );
  if (!standing.isLinked) return to({ ...standing, faults });
  return to({ ...standing, faults, state: 'ready', reason });
}

function leftAlone(standing: Standing, state: 'quarantined' | 'lent', reason: string): BoardTransition {
  const alone: Standing = { ...standing, state, reason, isLinked: false };
  return standing.worker === 'up' ? to({ ...alone, worker: 'ending' }, { kind: 'end-worker' }) : to(alone);
}

const stay = (standing: Standing): BoardTransition => ({ standing, actions: [] });
const to = (standing: Standing, ...actions: BoardAction[]): BoardTransition => ({ standing, actions });
