import Table from 'cli-table3';

/** Where a command writes: results to stdout, all else to stderr. */
export interface Output {
  /** The command's result: one JSON document when JSON was asked for, else the text. */
  result(value: unknown, text: () => string): void;
  /** One line for the person at the terminal. */
  note(line: string): void;
}

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export const outputTo = ({ stdout, stderr }: Streams, asJson: boolean): Output => ({
  result: (value, text) => stdout.write(`${asJson ? JSON.stringify(value) : text()}\n`),
  note: (line) => stderr.write(`${line}\n`),
});

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
