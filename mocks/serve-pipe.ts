import type { BindingInterface } from '@serialport/bindings-interface';
import { SerialPortStream } from '@serialport/stream';
import { PipePort } from './pipe-port.ts';
import { plugged, type Served } from './served.ts';
import type { WireEnd } from './wire-end.ts';

export interface ServedPipe extends Served {
  /** A new stream, one at a time. Rejects while the wire is unplugged. */
  open(): Promise<SerialPortStream>;
}

/**
 * Serves the board under the real SerialPortStream, with no operating system in between. Unplugged, the open
 * stream closes as disconnected; once plugged in again, a new one can be opened.
 */
export function servePipe(end: WireEnd): ServedPipe {
  let port: PipePort | undefined;
  const served = plugged({
    pullOut: async () => {
      port?.disconnect();
      end.unplugged?.();
    },
    plugIn: async () => {},
  });
  end.onUnplug = served.unplug;
  const binding: BindingInterface = {
    list: async () => [],
    open: async (options) => {
      if (!served.isPlugged) throw new Error('No such file or directory: the mock is unplugged.');
      if (port?.isOpen === true) throw new Error('Cannot lock port: the mock has a client.');
      port = new PipePort(end, options);
      return port;
    },
  };
  return {
    get isPlugged() {
      return served.isPlugged;
    },
    unplug: served.unplug,
    close: served.close,
    open: async () => {
      const stream = new SerialPortStream({ binding, path: 'mock', baudRate: 115_200, autoOpen: false });
      await new Promise<void>((resolve, reject) =>
        stream.open((error) => (error ? reject(error) : resolve())),
      );
      return stream;
    },
  };
}

/** One stream to a board that is served in no other way. */
export const openPipe = (end: WireEnd): Promise<SerialPortStream> => servePipe(end).open();
