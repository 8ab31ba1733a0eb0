import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Clock } from '../../core/clock.ts';
import type { Health } from '../health.ts';
import type { Lab } from '../lab.ts';
import type { Role } from '../roles.ts';

/** A token that the configuration names. Only its hash is known here. */
export interface TokenSettings {
  /** Who holds it: stands in logs and beside jobs. */
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token, hex. */
  readonly sha256: string;
}

/** Where structured messages go; pino has this form. */
export interface ApiLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Text for Prometheus. */
export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

/** How much anybody may ask for. */
export interface ApiLimits {
  readonly bodyBytes: number;
  /** YAML is slower to read. */
  readonly yamlBytes: number;
  /** Of one token, or of one address where there are none. */
  readonly requestsPerMinute: number;
  /** Wrong or missing tokens of one address. */
  readonly refusalsPerMinute: number;
  readonly eventReaders: number;
  /** Events, and characters of them, that wait for one slow reader. */
  readonly eventsWaiting: number;
  readonly charactersWaiting: number;
  readonly heartbeatMs: number;
  /** Run files that are read at once, and requests that wait for their turn. */
  readonly runsReadAtOnce: number;
  readonly runsWaiting: number;
}

export const usualLimits: ApiLimits = {
  bodyBytes: 1_048_576,
  yamlBytes: 65_536,
  requestsPerMinute: 12_000,
  refusalsPerMinute: 60,
  eventReaders: 64,
  eventsWaiting: 1_000,
  charactersWaiting: 1_048_576,
  heartbeatMs: 15_000,
  runsReadAtOnce: 2,
  runsWaiting: 64,
};

/** What the API is built from. */
export interface ApiParts {
  readonly lab: Lab;
  readonly runsFolder: string;
  /** As the configuration has them at present. None: whoever reaches the port may do everything, so that must be loopback only. */
  readonly tokens: () => readonly TokenSettings[];
  /** Names besides those of loopback under which it may be asked, as the configuration has them at present. */
  readonly hosts: () => readonly string[];
  readonly metrics: MetricsSource;
  readonly health: () => Health;
  /** Name of the database that runs are shipped to; absent where they are not. */
  readonly influx?: () => string | undefined;
  readonly software: { readonly version: string; readonly commit: string | null };
  readonly clock: Clock;
  readonly log: ApiLog;
  readonly limits?: Partial<ApiLimits>;
  /** What its second thread runs; absent: as the build leaves it. */
  readonly readingThread?: string;
  /** What is served at `/`, with a content policy of its own. */
  readonly page?: Hono<ApiEnv>;
}

/** Who asks. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
}

export interface ApiEnv {
  Bindings: HttpBindings;
  Variables: { caller: Caller };
}
