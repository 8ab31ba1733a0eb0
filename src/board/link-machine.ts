/** Where a link stands. `place` counts the places tried in this round. */
export type LinkState =
  | { readonly kind: 'connecting'; readonly attempt: number; readonly downSinceMs: number | undefined }
  | { readonly kind: 'up'; readonly boardId: string; readonly bootNonce: number }
  | {
      readonly kind: 'waiting';
      readonly attempt: number;
      readonly downSinceMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'ended'; readonly reason: string };

/** What happens to a link. */
export type LinkEvent =
  | {
      readonly kind: 'greeted';
      readonly boardId: string;
      readonly bootNonce: number;
    }
  /** No place could be opened, or no board that is ours answered at any. */
  | { readonly kind: 'refused'; readonly reason: string; readonly atMs: number }
  | { readonly kind: 'lost'; readonly reason: string; readonly atMs: number }
  /** The board speaks, but has started anew: the connection stays. */
  | { readonly kind: 'rebooted'; readonly bootNonce: number }
  | { readonly kind: 'waited' }
  | { readonly kind: 'closed' };

/** What the link is to do next. */
export type LinkAction =
  | { readonly kind: 'connect' }
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'announce-up'; readonly isNewBoot: boolean }
  | { readonly kind: 'end'; readonly reason: string };

export interface LinkPolicy {
  readonly firstWaitMs: number;
  readonly mostWaitMs: number;
  /** A link that has been down for this long is given up. */
  readonly giveUpMs: number;
}

export const linkPolicy: LinkPolicy = { firstWaitMs: 50, mostWaitMs: 2_000, giveUpMs: 60_000 };

export const unconnected: LinkState = { kind: 'connecting', attempt: 1, downSinceMs: undefined };

export interface Transition {
  readonly state: LinkState;
  readonly actions: readonly LinkAction[];
}

/**
 * The life of a link, pure: what follows from what. A first connection that fails ends it, since
 * then somebody waits for an answer; one that was up is brought back with growing pauses until it is given up.
 * `lastBoot` is the boot that the link last saw.
 */
export function transition(
  state: LinkState,
  event: LinkEvent,
  policy: LinkPolicy,
  lastBoot: number | undefined,
): Transition {
  if (state.kind === 'ended') return { state, actions: [] };
  switch (event.kind) {
    case 'closed':
      return ended('it was closed');
    case 'greeted': {
      if (state.kind !== 'connecting') return { state, actions: [] };
      const { boardId, bootNonce } = event;
      const isNewBoot = lastBoot !== undefined && lastBoot !== bootNonce;
      return { state: { kind: 'up', boardId, bootNonce }, actions: [{ kind: 'announce-up', isNewBoot }] };
    }
    case 'rebooted': {
      if (state.kind !== 'up' || state.bootNonce === event.bootNonce) return { state, actions: [] };
      return {
        state: { ...state, bootNonce: event.bootNonce },
        actions: [{ kind: 'announce-up', isNewBoot: true }],
      };
    }
    case 'lost':
      if (state.kind !== 'up') return { state, actions: [] };
      return {
        state: { kind: 'connecting', attempt: 1, downSinceMs: event.atMs },
        actions: [{ kind: 'connect' }],
      };
    case 'refused':
      return state.kind === 'connecting' ? afterRefusal(state, event, policy) : { state, actions: [] };
    case 'waited':
      if (state.kind !== 'waiting') return { state, actions: [] };
      return {
        state: { kind: 'connecting', attempt: state.attempt + 1, downSinceMs: state.downSinceMs },
        actions: [{ kind: 'connect' }],
      };
  }
}

function afterRefusal(
  { attempt, downSinceMs }: Extract<LinkState, { kind: 'connecting' }>,
  { reason, atMs }: Extract<LinkEvent, { kind: 'refused' }>,
  { firstWaitMs, mostWaitMs, giveUpMs }: LinkPolicy,
): Transition {
  if (downSinceMs === undefined) return ended(reason);
  const downMs = atMs - downSinceMs;
  if (downMs >= giveUpMs)
    return ended(`${reason} It was given up after ${Math.round(downMs / 1e3)} s and ${attempt} attempts.`);
  const forMs = Math.min(mostWaitMs, firstWaitMs * 2 ** (attempt - 1), giveUpMs - downMs);
  return {
    state: { kind: 'waiting', attempt, downSinceMs, reason },
    actions: [{ kind: 'wait', forMs }],
  };
}

const ended = (reason: string): Transition => ({
  state: { kind: 'ended', reason },
  actions: [{ kind: 'end', reason }],
});
