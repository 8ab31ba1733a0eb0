import type { Duplex } from 'node:stream';
import { ReadlineParser } from '@serialport/parser-readline';
import { type Observable, Subject } from 'rxjs';

/** Bytes to lines and back; the layer above knows nothing of ports. */
export interface LineTransport {
  readonly address: string;
  /** Pace of the wire in each direction; Infinity where nothing sets one. */
  readonly bytesPerS: number;
  /** Received lines without their newline, checksum unchecked. Hot; completes when the link closes; never errors. */
  readonly lines$: Observable<string>;
  /** Resolves once the link is closed, with the reason unless it was closed from here. */
  readonly closed: Promise<string | undefined>;
  /** Resolves when the line is handed to the system; rejects when the link is closed. */
  send(line: string): Promise<void>;
  close(): Promise<void>;
}

/** A line transport over any byte stream; `closeStream` releases what lies below it. */
export function overStream(
  stream: Duplex,
  { address, bytesPerS }: Pick<LineTransport, 'address' | 'bytesPerS'>,
  closeStream: () => Promise<void>,
): LineTransport {
  const lines = new Subject<string>();
  const parser = stream.pipe(new ReadlineParser({ delimiter: '\n', encoding: 'latin1' }));
  parser.on('data', (line: string) => lines.next(line));

  let isClosing = false;
  let failure: string | undefined;
  stream.on('error', (error) => {
    failure = error.message;
  });
  const closed = new Promise<string | undefined>((resolve) => {
    stream.once('close', (error?: Error | boolean) => {
      lines.complete();
      const reason =
        failure ?? (error instanceof Error ? error.message : 'the other end closed the connection');
      resolve(isClosing ? undefined : reason);
    });
  });

  return {
    address,
    bytesPerS,
    lines$: lines.asObservable(),
    closed,
    send: (line) =>
      new Promise((resolve, reject) => {
        stream.write(`${line}\n`, 'latin1', (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => {
      isClosing = true;
      await closeStream();
      await closed;
    },
  };
}
