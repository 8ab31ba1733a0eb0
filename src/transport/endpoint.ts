import type { LineTransport } from './line-transport.ts';

/** One place where a board may be found, and how to connect there. */
export interface Place {
  /** The address of this place, which may differ from the endpoint's where a board was plugged in elsewhere. */
  readonly address: string;
  /** Connects anew: nothing of an earlier connection is used again. Rejects with `port-missing`, `port-busy` or `port-refused`. */
  open(): Promise<LineTransport>;
}

/** What a board address stands for while a program runs, over many connections. */
export interface Endpoint {
  readonly address: string;
  /** Where the board may be now, likeliest first; never empty. */
  places(): Promise<readonly Place[]>;
  /** Releases what outlives a connection: a mock in this process. Connections are closed by their owner. */
  close(): Promise<void>;
}
