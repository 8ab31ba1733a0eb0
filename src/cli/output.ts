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
