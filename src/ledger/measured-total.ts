import type { Measured } from './measured.ts';

/** Mean and total of a quantity over updates; null where there are none. `sigma` is that of the mean. */
export interface Statistic {
  readonly mean: number | null;
  readonly sigma: number | null;
  readonly total: number;
}

/** Sums over updates of many nodes: noise adds in squares, a node's part adds along the node, the common part along all. */
export class MeasuredTotal {
  readonly #nodeSigmas = new Map<number, number>();
  #count = 0;
  #total = 0;
  #noiseSquared = 0;
  #commonSigma = 0;

  add(node: number, { value, noiseSigma, nodeSigma, commonSigma }: Measured): void {
    this.#count += 1;
    this.#total += value;
    this.#noiseSquared += noiseSigma ** 2;
    this.#commonSigma += commonSigma;
    this.#nodeSigmas.set(node, (this.#nodeSigmas.get(node) ?? 0) + nodeSigma);
  }

  get statistic(): Statistic {
    if (this.#count === 0) return { mean: null, sigma: null, total: 0 };
    const sigma = Math.hypot(Math.sqrt(this.#noiseSquared), this.#commonSigma, ...this.#nodeSigmas.values());
    return { mean: this.#total / this.#count, sigma: sigma / this.#count, total: this.#total };
  }
}
