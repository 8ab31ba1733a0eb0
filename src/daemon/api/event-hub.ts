import type { Observable, Subscription } from 'rxjs';
import { FnloopError } from '../../core/errors.ts';
import type { LabEvent } from '../lab.ts';
import { EventReader, type SpelledEvent } from './event-reader.ts';
import type { ApiLimits } from './parts.ts';

/** Which events a reader wants. */
export interface Wanted {
  readonly kinds?: readonly string[] | undefined;
  readonly board?: string | undefined;
  readonly job?: string | undefined;
  /** Id of the last event that it had on an earlier connection. */
  readonly after?: string | undefined;
}

/** Hands the lab's events out to readers: numbered and spelled once, the latest kept for those that come back. */
export class EventHub {
  readonly #limits: ApiLimits;
  /** Of this process: numbers begin anew with the next. */
  readonly #epoch: string;
  readonly #readers = new Map<EventReader, Wanted>();
  readonly #recent: SpelledEvent[] = [];
  readonly #subscription: Subscription;
  #recentCharacters = 0;
  #number = 0;

  constructor(events$: Observable<LabEvent>, epoch: string, limits: ApiLimits) {
    this.#limits = limits;
    this.#epoch = epoch;
    this.#subscription = events$.subscribe({
      next: (event) => this.#hand(event),
      complete: () => this.close(),
    });
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Throws `too-many`. */
  open(wanted: Wanted): EventReader {
    if (this.#readers.size >= this.#limits.eventReaders)
      throw new FnloopError('too-many', `This daemon has ${this.#readers.size} readers of events already.`);
    const reader = new EventReader(this.#limits);
    if (wanted.after !== undefined) this.#catchUp(reader, wanted, wanted.after);
    this.#readers.set(reader, wanted);
    return reader;
  }

  leave(reader: EventReader): void {
    this.#readers.delete(reader);
    reader.end();
  }

  /** Ends all streams. */
  close(): void {
    this.#subscription.unsubscribe();
    for (const reader of this.#readers.keys()) this.leave(reader);
  }

  #hand(event: LabEvent): void {
    this.#number += 1;
    const spelled = spell(event, this.#number, `${this.#epoch}-${this.#number}`);
    this.#recent.push(spelled);
    this.#recentCharacters += spelled.data.length;
    while (
      this.#recent.length > this.#limits.eventsWaiting ||
      this.#recentCharacters > this.#limits.charactersWaiting
    )
      this.#recentCharacters -= this.#recent.shift()?.data.length ?? 0;
    for (const [reader, wanted] of this.#readers) if (isWanted(spelled, wanted)) reader.offer(spelled);
  }

  #catchUp(reader: EventReader, wanted: Wanted, after: string): void {
    const [, epoch, digits] = /^(\w+)-(\d+)$/.exec(after) ?? [];
    const number = epoch === this.#epoch ? Number(digits) : -1;
    const first = this.#recent[0]?.number ?? this.#number + 1;
    if (number < first - 1 || number > this.#number)
      reader.missedBefore(`${this.#epoch}-${Math.max(0, first - 1)}`);
    for (const event of this.#recent)
      if (event.number > number && isWanted(event, wanted)) reader.offer(event);
  }
}

const isWanted = ({ kind, board, job }: SpelledEvent, wanted: Wanted): boolean =>
  (wanted.kinds?.includes(kind) ?? true) &&
  (wanted.board === undefined || wanted.board === board) &&
  (wanted.job === undefined || wanted.job === job);

function spell(event: LabEvent, number: number, id: string): SpelledEvent {
  const named = { number, id, kind: event.kind, data: JSON.stringify(event) };
  switch (event.kind) {
    case 'board':
      return { ...named, board: event.board.name, job: null };
    case 'job':
      return { ...named, board: event.job.board, job: event.job.id };
    case 'step':
      return { ...named, board: event.board, job: event.job };
    case 'updates':
    case 'link':
      return { ...named, board: event.board, job: null };
  }
}
