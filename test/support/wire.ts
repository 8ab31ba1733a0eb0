import { Subject } from 'rxjs';
import { crc16 } from '../../firmware-protocol/crc16.ts';
import type { WireEnd } from '../../mocks/index.ts';
import { Board } from '../../src/board/board.ts';
import type { BoardParts } from '../../src/board/board-parts.ts';
import { systemClock } from '../../src/core/clock.ts';
import { FnloopError } from '../../src/core/errors.ts';
import type { Endpoint } from '../../src/transport/endpoint.ts';
import type { LineTransport } from '../../src/transport/line-transport.ts';

/** A transport whose two directions a test may alter: return undefined to swallow a line. */
export interface Tampering {
  toBoard?: (line: string) => string | undefined;
  toHost?: (line: string) => string | undefined;
}

/** The shortest wire to a mock board, or to its end of a wire, recorded, open to tampering, and pluggable. */
export function wireTo(
  mock: WireEnd,
  tampering: Tampering = {},
  { bytesPerS = Number.POSITIVE_INFINITY, address = 'wire' } = {},
) {
  const sent: string[] = [];
  let lines = new Subject<string>();
  let cut: (reason: string | undefined) => void = () => {};
  let isPlugged = true;
  mock.onSend = (bytes) => {
    for (const line of bytes.split('\n').slice(0, -1)) {
      const passed = tampering.toHost ? tampering.toHost(line) : line;
      const receiver = lines;
      if (passed !== undefined) queueMicrotask(() => receiver.next(passed));
    }
  };
  const open = async (): Promise<LineTransport> => {
    if (!isPlugged) throw new FnloopError('port-missing', 'The wire is unplugged.');
    const receiver = new Subject<string>();
    lines = receiver;
    let isOpen = true;
    let end: (reason: string | undefined) => void = () => {};
    const closed = new Promise<string | undefined>((resolve) => {
      end = (reason) => {
        isOpen = false;
        receiver.complete();
        resolve(reason);
      };
    });
    cut = end;
    return {
      address,
      bytesPerS,
      lines$: receiver.asObservable(),
      closed,
      send: async (line) => {
        sent.push(line);
        const passed = tampering.toBoard ? tampering.toBoard(line) : line;
        if (passed !== undefined && isOpen) mock.receive(`${passed}\n`);
      },
      close: async () => end(undefined),
    };
  };
  const endpoint: Endpoint = {
    address,
    places: async () => [{ address, open }],
    close: async () => {},
  };
  return {
    endpoint,
    sent,
    unplug: () => {
      isPlugged = false;
      cut('unplugged');
    },
    plug: () => {
      isPlugged = true;
    },
  };
}

/** Greets a mock over such a wire. */
export function boardOn(
  { endpoint }: Pick<ReturnType<typeof wireTo>, 'endpoint'>,
  parts: Partial<BoardParts> = {},
): Promise<Board> {
  return Board.connect(endpoint, { clock: systemClock, ...parts });
}

/** The line with a part of it replaced, and a checksum that holds again: what a faulty board would say. */
export function altered(line: string, pattern: RegExp, replacement: string): string {
  const body = line.slice(0, -5).replace(pattern, replacement);
  return `${body}*${crc16(body).toString(16).toUpperCase().padStart(4, '0')}`;
}
