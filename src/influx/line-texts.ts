/** Lines with their line ends, in texts one after the other: joining them would be another copy of all that is shipped. */
export type Lines = readonly Uint8Array[];

const LINE_END = 10;

export const bytesIn = (lines: Lines): number => lines.reduce((sum, { length }) => sum + length, 0);

export function linesIn(lines: Lines): number {
  let count = 0;
  for (const text of lines)
    for (let at = text.indexOf(LINE_END); at !== -1; at = text.indexOf(LINE_END, at + 1)) count += 1;
  return count;
}

/** Two parts of about the same size; undefined for a single line. */
export function halvesOf(lines: Lines): [Lines, Lines] | undefined {
  if (lines.length > 1) return [lines.slice(0, lines.length >> 1), lines.slice(lines.length >> 1)];
  const [text] = lines;
  if (text === undefined) return undefined;
  // The line end in the middle, or else the last one before it; not the one at the end.
  const after = text.indexOf(LINE_END, text.length >> 1);
  const at = after < text.length - 1 ? after : text.lastIndexOf(LINE_END, text.length - 2);
  return at === -1 ? undefined : [[text.subarray(0, at + 1)], [text.subarray(at + 1)]];
}

/** A single line without its line end. */
export const lineOf = (lines: Lines): string => Buffer.concat(lines).toString().trimEnd();
