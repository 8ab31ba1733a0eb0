import type { Board } from '../../board/board.ts';
import type { Clock } from '../../core/clock.ts';
import type { Suspenders } from '../config.ts';
import type { WorkerNews } from '../messages.ts';
import { Suspender } from '../suspender.ts';
import type { Holds } from './holds.ts';

const LOOK_EVERY_MS = 1_000;

/** Looks each second how board and link do: tells it, and has the run rest while that is outside of its bands. */
export class Watch {
  readonly #clock: Clock;
  readonly #holds: Holds;
  readonly #tell: (news: WorkerNews) => void;
  readonly #suspender: Suspender;
  readonly #timer: NodeJS.Timeout;
  #board: Board | undefined;
  #temperatureK: number | undefined;
  #isReading = false;

  constructor(
    { clock, holds, tell }: { clock: Clock; holds: Holds; tell: (news: WorkerNews) => void },
    bands: Suspenders | undefined,
    isAtWork: () => boolean,
  ) {
    this.#clock = clock;
    this.#holds = holds;
    this.#tell = tell;
    this.#suspender = new Suspender(bands);
    this.#timer = setInterval(() => {
      // A run tells the temperature with each of its own readings.
      if (!isAtWork()) void this.#readTemperature();
      this.#look();
    }, LOOK_EVERY_MS);
  }

  set board(board: Board | undefined) {
    this.#board = board;
  }

  set bands(bands: Suspenders | undefined) {
    this.#suspender.bands = bands;
  }

  set temperatureK(temperatureK: number | undefined) {
    this.#temperatureK = temperatureK ?? this.#temperatureK;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const board = this.#board;
    if (board === undefined) return;
    const link = board.statistics;
    const temperatureK = this.#temperatureK;
    this.#tell({ kind: 'status', link, temperatureK: temperatureK ?? null });
    const outside = this.#suspender.observe({ atMs: this.#clock.nowMs(), link, temperatureK });
    if (outside !== undefined) this.#holds.set('suspended', outside);
    else this.#holds.lift('suspended');
  }

  async #readTemperature(): Promise<void> {
    if (this.#isReading || this.#board === undefined) return;
    this.#isReading = true;
    try {
      this.temperatureK = (await this.#board.read([0])).temperatureK;
    } catch {
      // A link that is down tells so itself.
    } finally {
      this.#isReading = false;
    }
  }
}
