import { type ReadonlySignal, signal } from '@preact/signals';
import { type ErrorCode, FnloopError, messageOf } from '../../core/errors.ts';
import { waitFor } from '../../core/waiting.ts';
import type { Notices } from './notices.ts';

/** A SAFE that was pressed and that no board has confirmed yet. */
export interface OpenPress {
  /** What it was pressed for: a board, or `all`. */
  readonly name: string;
  readonly sinceWallMs: number;
  /** Why it is not confirmed yet; null while the first answer is awaited. */
  readonly reason: string | null;
}

interface Press extends OpenPress {
  /** Aborts once a later press stands for it. */
  readonly over: AbortController;
}

export interface SafeParts {
  readonly notices: Notices;
  /** Rejects where the daemon does not answer in time, and once the signal aborts. */
  readonly makeSafe: (board: string, over: AbortSignal) => Promise<unknown>;
  readonly boardNames: (over: AbortSignal) => Promise<readonly string[]>;
  /** Address of a board for a command line; undefined where it is not known. */
  readonly addressOf: (board: string) => string | undefined;
  /** Told of a refusal that only a token would mend. */
  readonly onTokenNeeded: (sentence: string) => void;
}

/** Asking again would not help. */
const FINAL: readonly ErrorCode[] = ['token-needed', 'not-allowed', 'not-found'];
const AGAIN_MS = 300;
/** Then a person has to know. */
const TRIED_FOR_MS = 30_000;
/** Of one board: a press never waits for an answer to the one before it, and many do not use up the browser's connections. */
const MOST_OPEN = 2;

/**
 * SAFE as it is pressed on the page. Each press is sent at once, whatever became of those before it, and again until a board confirms
 * it; an answer to a press stands for those before it.
 */
export class SafePresses {
  readonly open: ReadonlySignal<readonly OpenPress[]>;
  readonly #open = signal<readonly Press[]>([]);
  readonly #parts: SafeParts;

  constructor(parts: SafeParts) {
    this.#parts = parts;
    this.open = this.#open;
  }

  press(board: string): void {
    const { makeSafe, notices } = this.#parts;
    void this.#send(board, (over) => makeSafe(board, over)).then((sent) => {
      if (sent === undefined) return;
      const afterS = ((Date.now() - sent.sinceWallMs) / 1e3).toFixed(2);
      notices.done(`${board}: outputs at rest, disarmed, confirmed after ${afterS} s`);
    });
  }

  /** Of boards that are known, or else of those that the daemon names. */
  pressAll(known: readonly string[]): void {
    if (known.length > 0) {
      for (const board of known) this.press(board);
      return;
    }
    void this.#send('all', this.#parts.boardNames).then((sent) => {
      for (const board of sent?.answer ?? []) this.press(board);
    });
  }

  /** Undefined where it was not confirmed, which has been told, or where a later press stands for it. */
  async #send<T>(name: string, ask: (over: AbortSignal) => Promise<T>) {
    const press: Press = { name, sinceWallMs: Date.now(), reason: null, over: new AbortController() };
    const before = this.#of(name);
    for (const old of before.slice(0, before.length - MOST_OPEN + 1)) old.over.abort();
    this.#open.value = [...this.#open.value, press];
    try {
      const answer = await this.#untilAnswered(press, ask);
      for (const old of this.#of(name)) if (old.sinceWallMs <= press.sinceWallMs) old.over.abort();
      return { answer, sinceWallMs: press.sinceWallMs };
    } catch (error) {
      if (!press.over.signal.aborted) this.#tellOf(name, error);
      return undefined;
    } finally {
      this.#open.value = this.#open.value.filter(({ over }) => over !== press.over);
    }
  }

  async #untilAnswered<T>({ over, sinceWallMs }: Press, ask: (over: AbortSignal) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask(over.signal);
      } catch (error) {
        const isFinal = !(error instanceof FnloopError) || FINAL.includes(error.code);
        if (isFinal || over.signal.aborted || Date.now() - sinceWallMs > TRIED_FOR_MS) throw error;
        this.#open.value = this.#open.value.map((press) =>
          press.over === over ? { ...press, reason: messageOf(error) } : press,
        );
      }
      await waitFor(AGAIN_MS, over.signal);
    }
  }

  #of(name: string): readonly Press[] {
    return this.#open.value.filter((press) => press.name === name);
  }

  #tellOf(name: string, error: unknown): void {
    const { notices, addressOf, onTokenNeeded } = this.#parts;
    const address = addressOf(name) ?? 'ADDRESS';
    notices.fault(
      `SAFE ${name} was NOT confirmed: ${messageOf(error)} ` +
        `At the bench, run fnloop safe --board ${address}, or switch the supply off.`,
    );
    if (error instanceof FnloopError && error.code === 'token-needed') onTokenNeeded(messageOf(error));
  }
}
