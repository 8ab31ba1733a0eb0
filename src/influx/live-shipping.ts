import { messageOf } from '../core/errors.ts';
import type { Companion } from '../store/run-file.ts';
import type { Spool } from '../store/spool.ts';
import { Shipper, type ShipperParts, type ShippingNews, type Standing } from './shipper.ts';
import type { WriteEndpoint } from './write-endpoint.ts';

export interface LiveShippingParts extends Omit<ShipperParts, 'spool' | 'again'> {
  readonly endpoint: WriteEndpoint;
  readonly onNews: (news: ShippingNews) => void;
}

/** A database that stores is given so long to take the last rows of a run; one that does not, no time at all. */
const LAST_ROWS_MS = 2_000;

/** Ships a run while it goes on. The run neither waits for it nor ends because of it. */
export class LiveShipping implements Companion {
  readonly #parts: LiveShippingParts;
  #spool: Spool | undefined;
  #shipper: Shipper | undefined;
  #running: Promise<void> = Promise.resolve();
  #asking: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(parts: LiveShippingParts) {
    this.#parts = parts;
  }

  async start(spool: Spool): Promise<void> {
    this.#spool = spool;
    try {
      this.#shipper = await Shipper.open({ ...this.#parts, spool });
      this.#running = this.#shipper.run();
    } catch (failure) {
      this.#parts.onNews({ kind: 'failed', reason: messageOf(failure) });
    }
  }

  /** How it stands; undefined before it has begun, and from its end on. */
  async standing(): Promise<Standing | undefined> {
    if (this.#shipper === undefined || this.#isOver) return undefined;
    const standing = this.#shipper.standing();
    this.#asking = standing.catch(() => {});
    return standing;
  }

  async finish(): Promise<void> {
    this.#isOver = true;
    const { wait, endpoint } = this.#parts;
    const shipper = this.#shipper;
    if (shipper !== undefined) {
      shipper.finish();
      const done = new AbortController();
      const ended = this.#running.finally(() => done.abort());
      if (shipper.isFlowing) await wait(LAST_ROWS_MS, done.signal);
      shipper.stop();
      await ended;
    }
    await this.#asking;
    endpoint.close();
    this.#spool?.close();
  }
}
