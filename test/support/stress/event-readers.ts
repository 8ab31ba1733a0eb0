import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asking, DaemonClient } from '../../../src/daemon/client/client.ts';
import type { eventRoutes } from '../../../src/daemon/routes/events.ts';
import { API_PATH } from '../../../src/daemon/routes/route.ts';

type Query = Asking<typeof eventRoutes.events>['query'];

/** A reader of events that keeps up, and what it was told. */
export class AttentiveReader {
  readonly query: Query;
  /** Steps of each run, in the order in which they came. */
  readonly stepsOf = new Map<string, number[]>();
  events = 0;
  /** How many events it was told that it has lost. */
  missed = 0;
  readonly #leaving = new AbortController();
  readonly #reading: Promise<void>;

  /** Reads from when it resolves. */
  static async start(client: DaemonClient, query: Query): Promise<AttentiveReader> {
    const leaving = new AbortController();
    return new AttentiveReader(query, await client.events(query, leaving.signal), leaving);
  }

  private constructor(
    query: Query,
    news: Awaited<ReturnType<DaemonClient['events']>>,
    leaving: AbortController,
  ) {
    this.query = query;
    this.#leaving = leaving;
    this.#reading = this.#read(news);
  }

  async end(): Promise<void> {
    this.#leaving.abort();
    await this.#reading;
  }

  async #read(news: Awaited<ReturnType<DaemonClient['events']>>): Promise<void> {
    for await (const event of news) {
      this.events += 1;
      if (event.kind === 'missed') this.missed += event.missed ?? Number.POSITIVE_INFINITY;
      if (event.kind !== 'step') continue;
      const steps = this.stepsOf.get(event.runId) ?? [];
      this.stepsOf.set(event.runId, steps);
      steps.push(event.step);
    }
  }
}

/** A reader that opens the stream of events and takes nothing of it. One that is cut for that comes back. */
export class StalledReader {
  readonly #url: URL;
  #socket: Socket | undefined;
  #hasLeft = false;
  /** How often it was cut. */
  cuts = 0;

  constructor(url: string) {
    this.#url = new URL(url);
    void this.#stall();
  }

  end(): void {
    this.#hasLeft = true;
    this.#socket?.destroy();
  }

  async #stall(): Promise<void> {
    const { hostname, port, host } = this.#url;
    while (!this.#hasLeft) {
      const socket = connect(Number(port), hostname).on('error', () => {});
      socket.pause();
      socket.write(`GET ${API_PATH}/events HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      this.#socket = socket;
      await once(socket, 'close');
      this.cuts += 1;
      await sleep(100);
    }
  }
}
