import { readFile } from 'node:fs/promises';
import { FnloopError, messageOf } from '../core/errors.ts';
import { HEADER_FORM, isHeader, RECORD_FORM, readRecord, type WireRecord } from './wire-log-format.ts';

type Logged<Kind extends WireRecord['kind']> = Extract<WireRecord, { kind: Kind }>;

/** One connection of a wire log. */
export interface LoggedConnection {
  /** Number of the line that says `connect`; that of each record follows from it. */
  readonly firstLine: number;
  readonly records: readonly Logged<'>' | '<'>[];
  /** How it ended; absent where the log ends before it. */
  readonly end: Logged<'disconnect' | 'close'> | undefined;
}

/**
 * Reads a wire log. A last line without its newline is what a program that was killed leaves, and no record.
 *
 * Rejects with `file-missing` where the file cannot be read, and with `config-invalid` where it is no wire log.
 */
export async function readWireLog(file: string): Promise<readonly LoggedConnection[]> {
  const lines = (await contentOf(file)).split('\n').slice(0, -1);
  const refuse = (index: number, expected: string) =>
    new FnloopError(
      'config-invalid',
      `${file} is not a wire log: expected ${expected} in line ${index + 1}, found ${shown(lines[index] ?? '')}.`,
    );
  if (!isHeader(lines[0] ?? '')) throw refuse(0, HEADER_FORM);

  const connections: LoggedConnection[] = [];
  let open: { firstLine: number; records: Logged<'>' | '<'>[] } | undefined;
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const record = readRecord(line);
    if (record === undefined) throw refuse(index, RECORD_FORM);
    if (record.kind === 'connect') {
      if (open !== undefined) throw refuse(index, 'the end of the connection before the next one');
      open = { firstLine: index + 1, records: [] };
    } else if (open === undefined) {
      throw refuse(index, 'connect before anything else of a connection');
    } else if (record.kind === '>' || record.kind === '<') {
      open.records.push(record);
    } else {
      connections.push({ ...open, end: record });
      open = undefined;
    }
  }
  return open === undefined ? connections : [...connections, { ...open, end: undefined }];
}

/** A line of any content, short enough for a message. */
export const shown = (line: string): string =>
  `'${line.length > 120 ? `${line.slice(0, 120)}...` : line}'`.replace(/[^\x20-\x7e]/g, '?');

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (cause) {
    throw new FnloopError('file-missing', `Cannot read the wire log ${file}: ${messageOf(cause)}.`, {
      cause,
    });
  }
}
