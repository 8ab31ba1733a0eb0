import { Subject } from 'rxjs';
import { crc16 } from '../../firmware-protocol/crc16.ts';
import type { MockBoard } from '../../mocks/index.ts';
import type { LineTransport } from '../../src/transport/line-transport.ts';

/** A transport whose two directions a test may alter: return undefined to swallow a line. */
export interface Tampering {
  toBoard?: (line: string) => string | undefined;
  toHost?: (line: string) => string | undefined;
}

/** The shortest wire to a mock board, recorded and open to tampering. */
export function wireTo(mock: MockBoard, tampering: Tampering = {}) {
  const sent: string[] = [];
  const lines = new Subject<string>();
  let close: (reason: string | undefined) => void = () => {};
  const closed = new Promise<string | undefined>((resolve) => {
    close = resolve;
  });
  mock.onSend = (bytes) => {
    const line = bytes.slice(0, -1);
    const passed = tampering.toHost ? tampering.toHost(line) : line;
    if (passed !== undefined) queueMicrotask(() => lines.next(passed));
  };
  const transport: LineTransport = {
    address: 'wire',
    bytesPerS: Number.POSITIVE_INFINITY,
    lines$: lines.asObservable(),
    closed,
    send: async (line) => {
      sent.push(line);
      const passed = tampering.toBoard ? tampering.toBoard(line) : line;
      if (passed !== undefined) mock.receive(`${passed}\n`);
    },
    close: async () => close(undefined),
  };
  return { transport, sent, unplug: () => close('unplugged') };
}

/** The line with a part of it replaced, and a checksum that holds again: what a faulty board would say. */
export function altered(line: string, pattern: RegExp, replacement: string): string {
  const body = line.slice(0, -5).replace(pattern, replacement);
  return `${body}*${crc16(body).toString(16).toUpperCase().padStart(4, '0')}`;
}
