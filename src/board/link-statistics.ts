/** What a link did so far, over all its connections; every line is counted somewhere. */
export interface LinkStatistics {
  readonly linesSent: number;
  readonly linesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly badChecksums: number;
  readonly badForms: number;
  /** Replies to nothing that is under way: late or doubled ones. */
  readonly strayReplies: number;
  /** Requests whose reply never came, or was overtaken by that of a later one. */
  readonly lostReplies: number;
  /** Of these, those that only a deadline showed. */
  readonly timeouts: number;
  /** Requests asked again because that changes nothing. */
  readonly repeated: number;
  /** Batches sent again after the board had said that it never ran them. */
  readonly batchesResent: number;
  /** Outcomes fetched by RESULT after the reply to RUN was lost. */
  readonly outcomesRecovered: number;
  /** Repeated batches that the board refused. */
  readonly duplicatesRefused: number;
  /** Batches that the board refused because their start had passed. */
  readonly lateBatches: number;
  /** Batches that ran, but had little of their planned slack left: the next delay may make one late. */
  readonly lowSlack: number;
  readonly reconnects: number;
  readonly reboots: number;
  /** Times that the board had disarmed itself. */
  readonly disarmings: number;
  /** Smoothed time that a reply takes beyond wire and work, ms. */
  readonly roundTripMs: number;
  /** Least time that a batch with a start time had left, us; null where none had one. */
  readonly leastSlackUs: number | null;
}

export type LinkCounts = { -readonly [Name in keyof LinkStatistics]: LinkStatistics[Name] };

export const noLinkStatistics = (): LinkCounts => ({
  linesSent: 0,
  linesReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  badChecksums: 0,
  badForms: 0,
  strayReplies: 0,
  lostReplies: 0,
  timeouts: 0,
  repeated: 0,
  batchesResent: 0,
  outcomesRecovered: 0,
  duplicatesRefused: 0,
  lateBatches: 0,
  lowSlack: 0,
  reconnects: 0,
  reboots: 0,
  disarmings: 0,
  roundTripMs: 0,
  leastSlackUs: null,
});

/** Counters that are zero on a link without trouble. */
export const troubles = [
  'badChecksums',
  'badForms',
  'strayReplies',
  'lostReplies',
  'timeouts',
  'repeated',
  'batchesResent',
  'outcomesRecovered',
  'duplicatesRefused',
  'lateBatches',
  'lowSlack',
  'reconnects',
  'reboots',
  'disarmings',
] as const satisfies readonly (keyof LinkStatistics)[];
