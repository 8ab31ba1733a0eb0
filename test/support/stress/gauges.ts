import { MemorySamples, residentMB } from '../memory.ts';
import { childrenOf } from '../processes.ts';

/** As a Prometheus would, and no one else: the daemon's delay begins anew with each question. */
const SCRAPE_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 500;
const MS_PER_S = 1e3;

/** What the daemon's process was like for a while. */
export class Gauges {
  readonly #url: string;
  readonly #pid: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #daemon = new MemorySamples();
  readonly #workers = new MemorySamples();
  readonly #delaysP99Ms: number[] = [];
  readonly #updates: number[] = [];
  #startMs = 0;
  #endMs = 0;

  constructor(url: string, pid: number) {
    this.#url = url;
    this.#pid = pid;
  }

  get daemonMemory(): MemorySamples {
    return this.#daemon;
  }

  /** Of all processes of boards together. */
  get workersMemory(): MemorySamples {
    return this.#workers;
  }

  /** Of the event loop, 99 % of the time, by stretches of 5 s; sorted. */
  get delaysP99Ms(): readonly number[] {
    return [...this.#delaysP99Ms].sort((one, other) => one - other);
  }

  get seconds(): number {
    return (this.#endMs - this.#startMs) / MS_PER_S;
  }

  /** Updates of all boards meanwhile. */
  get updates(): number {
    return (this.#updates.at(-1) ?? 0) - (this.#updates[0] ?? 0);
  }

  async start(): Promise<void> {
    // Its answer is of the time before.
    await this.#scrape();
    this.#delaysP99Ms.length = 0;
    this.#startMs = performance.now();
    this.#timers.push(
      setInterval(() => void this.#scrape(), SCRAPE_EVERY_MS),
      setInterval(() => this.#look(), LOOK_EVERY_MS),
    );
  }

  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#endMs = performance.now();
    await this.#scrape();
  }

  #look(): void {
    this.#daemon.add(residentMB(this.#pid));
    this.#workers.add(childrenOf(this.#pid).reduce((sum, pid) => sum + residentMB(pid), 0));
  }

  async #scrape(): Promise<void> {
    const text = await fetch(`${this.#url}/metrics`).then((response) => response.text());
    const values = (name: string) =>
      [...text.matchAll(new RegExp(`^fnloop_${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].map(([, value]) =>
        Number(value),
      );
    this.#delaysP99Ms.push((values('event_loop_delay_seconds').at(-1) ?? Number.NaN) * MS_PER_S);
    this.#updates.push(values('updates_total').reduce((sum, value) => sum + value, 0));
  }
}
