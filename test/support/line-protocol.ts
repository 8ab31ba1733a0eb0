/** A point as InfluxDB 1.x reads a line, character by character. */
export interface ParsedPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string | bigint>>;
  readonly timeNs: bigint;
}

/** Reads one line of InfluxDB's line protocol by the rules of its documentation; knows nothing of how fnloop writes one. */
export function parseLine(line: string): ParsedPoint {
  let at = 0;
  /** Up to one of the characters in `ends`; a backslash keeps comma, equals sign and space. */
  const word = (ends: string): string => {
    let text = '';
    for (; at < line.length && !ends.includes(line.charAt(at)); at += 1) {
      if (line.charAt(at) === '\\' && ',= '.includes(line.charAt(at + 1))) at += 1;
      text += line.charAt(at);
    }
    if (at >= line.length) throw new Error(`the line ends too early: ${line}`);
    return text;
  };
  const expected = (character: string) => {
    if (line.charAt(at) !== character) throw new Error(`expected '${character}' at ${at} of ${line}`);
    at += 1;
  };
  const quotedText = (): string => {
    let text = '';
    expected('"');
    for (; line.charAt(at) !== '"'; at += 1) {
      if (at >= line.length) throw new Error(`a text does not end: ${line}`);
      if (line.charAt(at) === '\\' && '"\\'.includes(line.charAt(at + 1))) at += 1;
      text += line.charAt(at);
    }
    expected('"');
    return text;
  };

  const measurement = word(', ');
  const tags: Record<string, string> = {};
  while (line.charAt(at) === ',') {
    at += 1;
    const name = word('=');
    expected('=');
    tags[name] = word(', ');
    if (tags[name] === '') throw new Error(`tag ${name} is empty: ${line}`);
  }
  const fields: Record<string, number | string | bigint> = {};
  do {
    at += 1;
    const name = word('=');
    expected('=');
    fields[name] = line.charAt(at) === '"' ? quotedText() : numberOf(word(', '));
  } while (line.charAt(at) === ',');
  expected(' ');
  const time = line.slice(at);
  if (!/^-?\d+$/.test(time)) throw new Error(`no time at the end of ${line}`);
  return { measurement, tags, fields, timeNs: BigInt(time) };
}

function numberOf(text: string): number | bigint {
  if (/^-?\d+i$/.test(text)) return BigInt(text.slice(0, -1));
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`'${text}' is no number`);
  return Number(text);
}
