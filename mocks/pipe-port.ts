import type { BindingPortInterface, OpenOptions } from '@serialport/bindings-interface';
import type { WireEnd } from './wire-end.ts';

/** One client's port to a wire end: what serialport's stream reads and writes. */
export class PipePort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  /** Until it is closed, also when the wire is out: the stream closes it then. */
  isOpen = true;
  #isPlugged = true;
  readonly #end: WireEnd;
  #received: Buffer[] = [];
  #wake: () => void = () => {};

  constructor(end: WireEnd, options: OpenOptions) {
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
    this.#end = end;
    end.onSend = (bytes) => {
      this.#received.push(Buffer.from(bytes, 'latin1'));
      this.#wake();
    };
  }

  /** The wire is pulled out: the stream learns it when it reads, which it always does. */
  disconnect(): void {
    this.#isPlugged = false;
    this.#leave();
  }

  async read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    while (this.isOpen && this.#isPlugged && this.#received.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (!this.isOpen) throw Object.assign(new Error('The port is closed.'), { canceled: true });
    if (!this.#isPlugged) throw new Error('The mock was unplugged.');
    let bytesRead = 0;
    for (let next = this.#received[0]; next !== undefined && bytesRead < length; next = this.#received[0]) {
      const copied = next.copy(buffer, offset + bytesRead, 0, length - bytesRead);
      bytesRead += copied;
      if (copied < next.length) this.#received[0] = next.subarray(copied);
      else this.#received.shift();
    }
    return { buffer, bytesRead };
  }

  async write(buffer: Buffer): Promise<void> {
    if (!this.isOpen || !this.#isPlugged) throw new Error('The mock was unplugged.');
    this.#end.receive(buffer.toString('latin1'));
  }

  async close(): Promise<void> {
    if (this.#isPlugged) this.#leave();
    this.isOpen = false;
    this.#wake();
  }

  #leave(): void {
    this.#end.onSend = () => {};
    this.#received = [];
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
    this.#received = [];
  }
  async drain(): Promise<void> {}
}
