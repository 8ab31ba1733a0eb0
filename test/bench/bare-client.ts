import { SerialPort } from 'serialport';

const FEED = 0x0a;

/** Sends lines and counts the lines that come back: what wire and board need by themselves. */
export class BareClient {
  readonly #port: SerialPort;
  #replies = 0;
  #bytesReceived = 0;
  #onReply: () => void = () => {};

  private constructor(port: SerialPort) {
    this.#port = port;
    port.on('data', (bytes: Buffer) => {
      this.#bytesReceived += bytes.length;
      for (let at = bytes.indexOf(FEED); at >= 0; at = bytes.indexOf(FEED, at + 1)) this.#replies += 1;
      this.#onReply();
    });
  }

  static open(path: string, baudRate: number): Promise<BareClient> {
    return new Promise((resolve, reject) => {
      const port = new SerialPort({ path, baudRate }, (error) =>
        error ? reject(error) : resolve(new BareClient(port)),
      );
    });
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** Resolves once every line has its reply; never more than `window` are under way. */
  exchange(lines: readonly string[], window: number): Promise<void> {
    const first = this.#replies;
    let sent = 0;
    return new Promise((resolve) => {
      this.#onReply = () => {
        const answered = this.#replies - first;
        for (; sent < Math.min(lines.length, answered + window); sent += 1)
          this.#port.write(`${lines[sent]}\n`, 'latin1');
        if (answered >= lines.length) resolve();
      };
      this.#onReply();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#port.close((error) => (error ? reject(error) : resolve()));
    });
  }
}
