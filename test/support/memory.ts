import { readFileSync } from 'node:fs';

const BYTES_OF_PAGE = 4096;
const BYTES_PER_MB = 1e6;
/** Memory goes up and down with what waits to be collected: its highest in this part of the work is what it grows from. */
const WARM = { from: 0.1, to: 0.2 };

/** Resident memory of a process; 0 for one that has just ended. */
export function residentMB(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * BYTES_OF_PAGE) / BYTES_PER_MB;
  } catch {
    return 0;
  }
}

/** Resident memory over the time of some work. */
export class MemorySamples {
  readonly #samplesMB: number[] = [];

  add(residentMB: number): void {
    this.#samplesMB.push(residentMB);
  }

  get mostMB(): number {
    return this.#most(0, 1);
  }

  /** At its most after the first fifth, over its most in the second tenth. */
  get growthMB(): number {
    return this.#most(WARM.to, 1) - this.#most(WARM.from, WARM.to);
  }

  /** The most in each tenth of the time. */
  get tenthsMB(): readonly number[] {
    return Array.from({ length: 10 }, (_, tenth) => this.#most(tenth / 10, (tenth + 1) / 10));
  }

  #most(from: number, to: number): number {
    const count = this.#samplesMB.length;
    return Math.max(0, ...this.#samplesMB.slice(Math.floor(from * count), Math.ceil(to * count)));
  }
}
