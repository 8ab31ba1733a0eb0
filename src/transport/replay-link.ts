import { Subject } from 'rxjs';
import { FnloopError } from '../core/errors.ts';
import type { LineTransport } from './line-transport.ts';
import { type LoggedConnection, shown } from './wire-log-reader.ts';

export interface ReplayLinkParts {
  readonly file: string;
  readonly address: string;
  /** Told when the host sent another line than the log has. */
  readonly onDifference: (reason: string) => void;
}

/**
 * One connection of a wire log, played back: what the board said is delivered once all was sent that
 * the log has before it. A line that differs closes the link; so does the end of what was logged.
 */
export function replayLink(
  { firstLine, records, end }: LoggedConnection,
  { file, address, onDifference }: ReplayLinkParts,
): LineTransport {
  const lines = new Subject<string>();
  let reasonClosed: string | undefined;
  let isClosed = false;
  let resolveClosed: (reason: string | undefined) => void = () => {};
  const closed = new Promise<string | undefined>((resolve) => {
    resolveClosed = resolve;
  });
  const close = (reason: string | undefined) => {
    if (isClosed) return;
    isClosed = true;
    reasonClosed = reason;
    lines.complete();
    resolveClosed(reason);
  };

  const lineNumberOf = (index: number) => firstLine + 1 + index;
  const tornReason = `the replay file ${file} ends after line ${lineNumberOf(records.length - 1)}`;

  const sendings = records.flatMap(({ kind }, index) => (kind === '>' ? [index] : []));
  let sent = 0;
  /** The record that the host must send next; all before it were sent, or may be delivered. */
  const expected = () => sendings[sent] ?? records.length;

  let next = 0;
  /** Later than the host's own turn, as on a wire: by then it has subscribed, or waits for the reply. */
  const deliver = () =>
    setImmediate(() => {
      for (; next < expected() && !isClosed; next += 1) {
        const record = records[next];
        if (record?.kind === '<') lines.next(record.line);
      }
      if (next < records.length || end?.kind === 'close') return;
      close(end?.reason ?? tornReason);
    });

  const take = (line: string): void => {
    const at = expected();
    const record = records[at];
    if (record?.line === line) {
      sent += 1;
    } else if (record === undefined && end === undefined) {
      close(tornReason);
    } else {
      const wanted = record === undefined ? 'the end of the connection' : shown(record.line);
      const difference = `the replay expected ${wanted} at line ${lineNumberOf(at)} of ${file}, but ${shown(line)} was sent`;
      onDifference(difference);
      close(difference);
    }
  };

  deliver();
  return {
    address,
    bytesPerS: Number.POSITIVE_INFINITY,
    lines$: lines.asObservable(),
    closed,
    send: async (line) => {
      if (!isClosed) take(line);
      if (isClosed) {
        const reason = reasonClosed ?? 'the link is closed';
        throw new FnloopError('link-lost', `A line could not be sent to ${address}: ${reason}.`);
      }
      deliver();
    },
    close: async () => close(undefined),
  };
}
