import type { PolicyComparison } from '../comparing/comparison.ts';
import { ratioTable, resultTable, speedTable, type TextTable } from '../report/policies/comparison-tables.ts';
import { versusSentences } from '../report/policies/verdict.ts';
import { table } from './table.ts';

/** What `fnloop compare` prints. */
export function comparisonText(comparison: PolicyComparison): string {
  return [
    drawn(resultTable(comparison)),
    'Energies are those of the cells: full-cycle, tunneling and free drift. Geometric means over seeds with 95 % intervals, measurement included.',
    drawn(ratioTable(comparison)),
    ...(comparison.variants.length === 0
      ? []
      : ['The same with other pulses that move a fresh cell as far:', drawn(speedTable(comparison))]),
    ...versusSentences(comparison),
  ].join('\n');
}

const drawn = ({ head, rows }: TextTable): string => table(head, rows);
