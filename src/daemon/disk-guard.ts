import { statfs } from 'node:fs/promises';
import { messageOf } from '../core/errors.ts';

const LOOK_EVERY_MS = 5_000;
const BYTES_PER_GB = 1e9;

/** Bytes that may still be written where a folder is. Rejects as `node:fs`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

export interface DiskGuardParts {
  readonly folder: string;
  readonly leastFreeGB: () => number;
  readonly free: (folder: string) => Promise<number>;
  /** Why runs are to rest; undefined once they may go on. */
  readonly onChange: (reason: string | undefined) => void;
}

/** Watches the space that runs need. */
export class DiskGuard {
  readonly #parts: DiskGuardParts;
  #timer: NodeJS.Timeout | undefined;
  #freeBytes = Number.NaN;
  #isLow = false;

  constructor(parts: DiskGuardParts) {
    this.#parts = parts;
  }

  /** By the last look. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    const { folder, free, leastFreeGB, onChange } = this.#parts;
    const leastGB = leastFreeGB();
    try {
      this.#freeBytes = await free(folder);
    } catch (error) {
      onChange(`The space left in ${folder} cannot be told: ${messageOf(error)}.`);
      return;
    }
    const freeGB = this.#freeBytes / BYTES_PER_GB;
    // A tenth more before it is over, so that it does not come and go with every row.
    this.#isLow = freeGB < leastGB * (this.#isLow ? 1.1 : 1);
    // Without the free space itself: a reason that changes would be told anew each time.
    onChange(this.#isLow ? `Less than ${leastGB} GB are free in ${folder}.` : undefined);
  }
}
