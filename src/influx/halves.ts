const LINE_END = 10;

/** Lines as two parts of about the same size, the first without a line end at its end; undefined for a single line. */
export function halvesOf(lines: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  const middle = lines.length >> 1;
  const after = lines.indexOf(LINE_END, middle);
  const at = after === -1 ? lines.lastIndexOf(LINE_END, middle) : after;
  return at === -1 ? undefined : [lines.subarray(0, at), lines.subarray(at + 1)];
}
