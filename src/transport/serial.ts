import type { SerialPortStream } from '@serialport/stream';
import { FnloopError, messageOf } from '../core/errors.ts';
import { type LineTransport, overStream } from './line-transport.ts';

const OPEN_TIMEOUT_MS = 5_000;

/** Bytes a second of a serial line: each has a start, eight data and a stop bit. */
export const bytesPerSAt = (baudRate: number): number => baudRate / 10;

/** Opens a serial port. Rejects with `port-missing`, `port-busy` or `port-refused`. */
export async function openSerial(
  path: string,
  baudRate: number,
  address: string,
  bytesPerS = bytesPerSAt(baudRate),
): Promise<LineTransport> {
  // Its native binding is loaded where a serial port is opened, and nowhere else.
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  try {
    await new Promise<void>((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(new Error(`it did not open within ${OPEN_TIMEOUT_MS} ms`));
      }, OPEN_TIMEOUT_MS);
      port.open((error) => {
        clearTimeout(timer);
        if (isLate && !error) port.close();
        if (error) reject(error);
        else resolve();
      });
    });
  } catch (cause) {
    throw openingFailed(path, cause);
  }
  return overPort(port, address, bytesPerS);
}

/** A line transport over an open port of whatever binding. */
export function overPort(
  port: SerialPortStream,
  address: string,
  bytesPerS = Number.POSITIVE_INFINITY,
): LineTransport {
  return overStream(
    port,
    { address, bytesPerS },
    () =>
      new Promise((resolve, reject) => {
        if (!port.isOpen) resolve();
        else port.close((error) => (error ? reject(error) : resolve()));
      }),
  );
}

/** Why a port could not be opened: `port-missing`, `port-busy` or `port-refused`. */
export function openingFailed(path: string, cause: unknown): FnloopError {
  const message = messageOf(cause);
  if (/no such file|file not found/i.test(message)) {
    return new FnloopError(
      'port-missing',
      `There is no serial port ${path}; \`fnloop ports\` lists those present.`,
      { cause },
    );
  }
  if (/lock port|resource busy|access denied/i.test(message)) {
    return new FnloopError('port-busy', `Another program holds the serial port ${path}.`, { cause });
  }
  return new FnloopError('port-refused', `Cannot open the serial port ${path}: ${message}.`, { cause });
}
