import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';
import { FnloopError } from '../../core/errors.ts';
import { waitFor } from '../../core/waiting.ts';
import { labEvent, missedSchema } from '../routes/events.ts';
import type { News } from './client.ts';

/** Opens the stream, after the event of that id where one was had. */
type Open = (after: string | undefined) => Promise<ReadableStream<Uint8Array>>;

const AGAIN_MS = 500;
const MOST_AGAIN_MS = 10_000;
/** The daemon gives a sign of life every 15 s: a connection that is silent for longer is none any more, though nothing says so. */
const SILENCE_MS = 45_000;

interface Connecting {
  readonly open: Open;
  readonly signal: AbortSignal;
  /** A daemon that is away for so long is given up, ms. */
  readonly giveUpMs: number;
}

/** News over as many connections as it takes, tried until the signal aborts or the daemon is given up. */
export async function* newsOver(
  first: ReadableStream<Uint8Array>,
  connecting: Connecting,
): AsyncGenerator<News> {
  let after: string | undefined;
  let waitMs = AGAIN_MS;
  let stream = first;
  for (;;) {
    try {
      for await (const message of messagesOf(stream, connecting.signal)) {
        waitMs = AGAIN_MS;
        after = message.id ?? after;
        const news = newsOf(message);
        if (news !== undefined) yield news;
      }
    } catch (error) {
      if (error instanceof FnloopError) throw error;
    }
    if (!connecting.signal.aborted) yield { kind: 'lost' };
    const next = await opened(connecting, after, () => {
      waitMs = Math.min(MOST_AGAIN_MS, 2 * waitMs);
      return waitMs;
    });
    if (next === undefined) return;
    stream = next;
    yield { kind: 'back' };
  }
}

/** Undefined once the signal aborts. Rejects where the daemon answers, and refuses, and where it is given up. */
async function opened(
  { open, signal, giveUpMs }: Connecting,
  after: string | undefined,
  nextWaitMs: () => number,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const sinceMs = performance.now();
  while (!signal.aborted) {
    await waitFor(nextWaitMs(), signal);
    if (signal.aborted) return undefined;
    try {
      return await open(after);
    } catch (error) {
      const isAway = error instanceof FnloopError && error.code === 'daemon-unavailable';
      const isGivenUp = !isAway || performance.now() - sinceMs > giveUpMs;
      if (isGivenUp && !signal.aborted) throw error;
    }
  }
  return undefined;
}

/**
 * By a reader, since not every browser can iterate over a stream. The signal of a request alone does not end its body: Node's fetch may
 * forget it with the next garbage collection.
 */
async function* messagesOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<EventSourceMessage> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const decoder = new TextDecoder();
  const texts = new TransformStream<Uint8Array, string>({
    transform: (bytes, controller) => {
      listenOn();
      controller.enqueue(decoder.decode(bytes, { stream: true }));
    },
  });
  const reader = stream.pipeThrough(texts, { signal }).pipeThrough(new EventSourceParserStream()).getReader();
  const listenOn = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void reader.cancel().catch(() => {}), SILENCE_MS);
  };
  listenOn();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    // Whoever stops listening lets go of the connection.
    await reader.cancel().catch(() => {});
  }
}

/** Undefined for what this fnloop does not know. */
function newsOf({ event, data }: EventSourceMessage): News | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (event === 'missed') {
    const missed = missedSchema.safeParse(value);
    return missed.success ? { kind: 'missed', ...missed.data } : undefined;
  }
  const read = labEvent.safeParse(value);
  return read.success ? read.data : undefined;
}
