import type { Duplex } from 'node:stream';
import type { Observable } from 'rxjs';
import { Subject } from 'rxjs/internal/Subject';
import { FnloopError } from '../core/errors.ts';
import { LineSplitter } from './line-splitter.ts';

/** Bytes to lines and back; the layer above knows nothing of ports. */
export interface LineTransport {
  readonly address: string;
  /** Pace of the wire in each direction; Infinity where nothing sets one. */
  readonly bytesPerS: number;
  /**
   * Received lines without their newline, checksum unchecked; in place of one that is too long, a notice
   * that no checksum fits. Hot; completes when the link closes; never errors.
   */
  readonly lines$: Observable<string>;
  /** Resolves once the link is closed, with the reason unless it was closed from here. */
  readonly closed: Promise<string | undefined>;
  /** Resolves when the line is handed to the system; rejects with `link-lost` when the link is closed. */
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
  const splitter = new LineSplitter((line) => lines.next(line));
  stream.on('data', (bytes: Buffer) => splitter.push(bytes));

  const unsent = new Set<(error: FnloopError) => void>();
  let isClosing = false;
  let isClosed = false;
  let failure: string | undefined;
  stream.on('error', (error) => {
    failure = error.message;
  });
  const lost = (cause?: unknown) =>
    new FnloopError(
      'link-lost',
      `A line could not be sent to ${address}: ${failure ?? 'the link is closed'}.`,
      { cause },
    );
  const closed = new Promise<string | undefined>((resolve) => {
    stream.once('close', (error?: Error | boolean) => {
      isClosed = true;
      if (error instanceof Error) failure ??= error.message;
      lines.complete();
      // After a disconnect the stream forgets its callbacks: whoever waits for one is told here.
      for (const reject of unsent) reject(lost());
      resolve(isClosing ? undefined : (failure ?? 'the other end closed the connection'));
    });
  });

  return {
    address,
    bytesPerS,
    lines$: lines.asObservable(),
    closed,
    send: (line) =>
      new Promise((resolve, reject) => {
        if (isClosed) {
          reject(lost());
          return;
        }
        unsent.add(reject);
        stream.write(`${line}\n`, 'latin1', (error) => {
          unsent.delete(reject);
          if (error) reject(lost(error));
          else resolve();
        });
      }),
    close: async () => {
      isClosing = true;
      await closeStream();
      await closed;
    },
  };
}
