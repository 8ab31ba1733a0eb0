import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { type Ask, asks, type Known } from './asks.ts';

/** A client waits between its requests, up to so long: twenty of them stay within what a daemon takes of one address a minute. */
const MOST_WAIT_MS = 300;
const DEFECT_STATUS = 500;

/** What became of the requests of one kind. */
export interface Asked {
  readonly name: string;
  readonly byStatus: ReadonlyMap<number, number>;
}

/** Clients that ask one thing after the other, each whatever comes to its mind. */
export class ApiLoad {
  readonly #url: string;
  readonly #known: () => Known;
  readonly #clients: Promise<void>[];
  readonly #statuses = new Map<string, Map<number, number>>();
  readonly #answeredMs: number[] = [];
  readonly #defects: string[] = [];
  #areLeaving = false;

  constructor(url: string, clients: number, known: () => Known) {
    this.#url = url;
    this.#known = known;
    this.#clients = Array.from({ length: clients }, (_, index) => this.#client(index + 1));
  }

  get asked(): readonly Asked[] {
    return [...this.#statuses].map(([name, byStatus]) => ({ name, byStatus }));
  }

  /** Answers that say that something is wrong with the daemon, not with the question. */
  get defects(): readonly string[] {
    return this.#defects;
  }

  /** How long answers took, read to their end; sorted. */
  get answeredMs(): readonly number[] {
    return [...this.#answeredMs].sort((one, other) => one - other);
  }

  /** Resolves once all have left; rejects where one could not ask. */
  async end(): Promise<void> {
    this.#areLeaving = true;
    await Promise.all(this.#clients);
  }

  async #client(seed: number): Promise<void> {
    const random = seededRandom(seed, 'api-load');
    while (!this.#areLeaving) {
      await this.#ask(chosen(random), random);
      await sleep(random.integer(MOST_WAIT_MS));
    }
  }

  async #ask({ name, request }: Ask, random: Random): Promise<void> {
    const asked = request(this.#known(), random);
    if (asked === undefined) return;
    const startMs = performance.now();
    const response = await fetch(`${this.#url}${asked.path}`, asked.init);
    const answer = await response.text();
    if (response.status >= DEFECT_STATUS)
      this.#defects.push(`'${name}' was answered by ${response.status}: ${answer}`);
    this.#answeredMs.push(performance.now() - startMs);
    const statuses = this.#statuses.get(name) ?? new Map<number, number>();
    this.#statuses.set(name, statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1));
  }
}

const totalWeight = asks.reduce((sum, { weight }) => sum + weight, 0);

function chosen(random: Random): Ask {
  let left = random.integer(totalWeight);
  for (const ask of asks) {
    left -= ask.weight;
    if (left < 0) return ask;
  }
  throw new Error('no request has a weight');
}
