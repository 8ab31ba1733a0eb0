import type { eventRoutes } from '../routes/events.ts';
import type { EventHub } from './event-hub.ts';
import type { EventReader } from './event-reader.ts';
import type { Handlers } from './mount.ts';

export const eventHandlers = (hub: EventHub): Handlers<typeof eventRoutes> => ({
  events: ({ query: { board, job, kinds }, header }) => {
    const reader = hub.open({ board, job, kinds: kinds?.split(','), after: header('last-event-id') });
    return new Response(
      streamOf(reader, () => hub.leave(reader)),
      {
        headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
      },
    );
  },
});

/** A piece is taken from the reader only once the last one has gone out: what the network does not take waits there. */
function streamOf(reader: EventReader, leave: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(': fnloop\nretry: 2000\n\n')),
      pull: async (controller) => {
        const text = await reader.next();
        if (text !== undefined) controller.enqueue(encoder.encode(text));
        else {
          leave();
          controller.close();
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}
