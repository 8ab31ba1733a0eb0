import type { ApiLimits } from './parts.ts';

/** An event as it goes out; spelled once for all readers. */
export interface SpelledEvent {
  readonly number: number;
  readonly id: string;
  readonly kind: string;
  readonly board: string;
  /** Null for what is of no job. */
  readonly job: string | null;
  readonly data: string;
}

/** About as much as goes out in one piece. */
const CHUNK_CHARACTERS = 65_536;

const spelled = ({ id, kind, data }: Pick<SpelledEvent, 'id' | 'kind' | 'data'>): string =>
  `id: ${id}\nevent: ${kind}\ndata: ${data}\n\n`;

/**
 * What waits for one reader: so much and no more. Beyond it the oldest go, and the reader is told how many when it reads again;
 * who writes never waits.
 */
export class EventReader {
  readonly #limits: ApiLimits;
  readonly #waiting: SpelledEvent[] = [];
  #characters = 0;
  /** How many were dropped since the last piece, and which the last of them was. */
  #missed: { count: number | null; id: string } | undefined;
  #hasEnded = false;
  #wake: () => void = () => {};

  constructor(limits: ApiLimits) {
    this.#limits = limits;
  }

  get waiting(): { readonly events: number; readonly characters: number } {
    return { events: this.#waiting.length, characters: this.#characters };
  }

  offer(event: SpelledEvent): void {
    this.#waiting.push(event);
    this.#characters += event.data.length;
    while (
      this.#waiting.length > this.#limits.eventsWaiting ||
      (this.#characters > this.#limits.charactersWaiting && this.#waiting.length > 1)
    ) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) break;
      this.#characters -= oldest.data.length;
      const before = this.#missed === undefined ? 0 : this.#missed.count;
      this.#missed = { count: before === null ? null : before + 1, id: oldest.id };
    }
    this.#wake();
  }

  /** Says that some were lost before this reader began, nobody knows how many. */
  missedBefore(id: string): void {
    this.#missed = { count: null, id };
    this.#wake();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** The next piece of the stream: events, or a comment that keeps the connection alive. Undefined at the end. */
  async next(): Promise<string | undefined> {
    if (this.#isIdle) await this.#news();
    const missed = this.#missed;
    this.#missed = undefined;
    let text =
      missed === undefined
        ? ''
        : spelled({ id: missed.id, kind: 'missed', data: JSON.stringify({ missed: missed.count }) });
    while (text.length < CHUNK_CHARACTERS) {
      const event = this.#waiting.shift();
      if (event === undefined) break;
      this.#characters -= event.data.length;
      text += spelled(event);
    }
    if (text !== '') return text;
    return this.#hasEnded ? undefined : ': still here\n\n';
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#missed === undefined && !this.#hasEnded;
  }

  /** Something to say, or time for a sign of life. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#limits.heartbeatMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
