import { type ReadonlySignal, signal } from '@preact/signals';

/** Something that was done, or went wrong, in a sentence. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isFault: boolean;
}

export interface Notices {
  readonly all: ReadonlySignal<readonly Notice[]>;
  done(text: string): void;
  /** Stays until it is put away. */
  fault(text: string): void;
  putAway(id: number): void;
}

const SHOWN_MS = 6_000;
/** Of those that go by themselves: what went wrong stays until somebody has seen it. */
const MOST = 5;

export function createNotices(): Notices {
  const all = signal<readonly Notice[]>([]);
  let last = 0;
  const putAway = (id: number) => {
    all.value = all.value.filter((notice) => notice.id !== id);
  };
  const add = (text: string, isFault: boolean): number => {
    last += 1;
    const goes = all.value.filter((notice) => !notice.isFault);
    const tooMany = isFault ? [] : goes.slice(0, Math.max(0, goes.length - MOST + 1));
    all.value = [...all.value.filter((notice) => !tooMany.includes(notice)), { id: last, text, isFault }];
    return last;
  };
  return {
    all,
    done: (text) => {
      const id = add(text, false);
      setTimeout(() => putAway(id), SHOWN_MS);
    },
    fault: (text) => void add(text, true),
    putAway,
  };
}
