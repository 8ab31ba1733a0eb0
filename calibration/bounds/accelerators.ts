import type { Provenance } from '../provenance.ts';

/** What digital hardware spends on an operation of a training, all included. */
export interface Accelerator {
  readonly name: string;
  readonly perOperationJ: number;
  readonly provenance: Provenance;
  readonly source: string;
}

/** Lines beside the bounds, not bounds. */
export const accelerators: readonly Accelerator[] = [
  {
    name: 'accelerator, projected',
    perOperationJ: 0.1e-12,
    provenance: 'assumed',
    source:
      '0.1 pJ an operation: 1e15 J at OPS = 1e28, the 6 to 7 orders above the bound that arXiv 2402.14878 names',
  },
  {
    name: 'accelerator, 2020',
    perOperationJ: 15e-12,
    provenance: 'derived',
    source:
      '15 pJ an operation: the 1287 MWh that GPT-3 took (Patterson 2021, arXiv 2104.10350) over its 3.14e23 operations',
  },
];
