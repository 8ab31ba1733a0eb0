import Table from 'cli-table3';

/** A table with a heading line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ head: [...head], style: PLAIN, chars: NO_RULES });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

/** A table of names and values. */
export function listing(rows: readonly (readonly [name: string, value: string])[]): string {
  const drawn = new Table({ style: PLAIN, chars: NO_RULES });
  drawn.push(...rows.map(([name, value]) => [name, value]));
  return drawn.toString();
}

const PLAIN = { head: [], border: [] };
const NO_RULES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
