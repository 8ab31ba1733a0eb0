import type { BindingInterface, BindingPortInterface, OpenOptions } from '@serialport/bindings-interface';
import { SerialPortStream } from '@serialport/stream';
import type { WireEnd } from './wire-end.ts';

/** The board under the real SerialPortStream, with no operating system in between. */
export async function openPipe(board: WireEnd): Promise<SerialPortStream> {
  const binding: BindingInterface = {
    list: async () => [],
    open: async (options) => new PipePort(board, options),
  };
  const port = new SerialPortStream({ binding, path: 'mock', baudRate: 115_200, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

class PipePort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  isOpen = true;
  readonly #board: WireEnd;
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(board: WireEnd, options: OpenOptions) {
    this.openOptions = {
      dataBits: 8,
      lock: true,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      hupcl: true,
      ...options,
    };
    this.#board = board;
    board.onSend = (bytes) => {
      this.#received = Buffer.concat([this.#received, Buffer.from(bytes, 'latin1')]);
      this.#wake();
    };
  }

  async read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    while (this.isOpen && this.#received.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (!this.isOpen) throw Object.assign(new Error('The port is closed.'), { canceled: true });
    const bytesRead = this.#received.copy(buffer, offset, 0, length);
    this.#received = this.#received.subarray(bytesRead);
    return { buffer, bytesRead };
  }

  async write(buffer: Buffer): Promise<void> {
    this.#board.receive(buffer.toString('latin1'));
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#board.onSend = () => {};
    this.#wake();
  }

  async update(): Promise<void> {}
  async set(): Promise<void> {}
  async get() {
    return { cts: true, dsr: true, dcd: true };
  }
  async getBaudRate() {
    return { baudRate: this.openOptions.baudRate };
  }
  async flush(): Promise<void> {
    this.#received = Buffer.alloc(0);
  }
  async drain(): Promise<void> {}
}
