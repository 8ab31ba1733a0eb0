import type { LinkParts } from './link.ts';
import type { EarlierWork } from './rest-watch.ts';

export interface BoardParts extends LinkParts {
  /** Work that this connection is for; `isBegun` where it goes on without a person who begins it. */
  readonly earlier?: (EarlierWork & { readonly isBegun: boolean }) | undefined;
}
