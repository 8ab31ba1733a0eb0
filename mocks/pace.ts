import type { Stage } from './channel.ts';
import type { Cancel, HostTime } from './host-time.ts';

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
const TICK_MS = 1;

/**
 * A wire of `baud`: a byte arrives once it and all before it had their bits' time. Bytes are handed on in
 * small chunks at each tick; a tick that comes late makes up for it, so the pace holds on average.
 */
export const paced =
  (baud: number, time: HostTime): Stage =>
  (deliver) => {
    const bytesPerMs = baud / BITS_PER_BYTE / 1e3;
    let waiting: string[] = [];
    let offset = 0;
    /** When the first byte that waits began to go. */
    let beganMs = 0;
    let cancel: Cancel | undefined;

    const take = (bytes: number): string => {
      let taken = '';
      while (taken.length < bytes && waiting[0] !== undefined) {
        const part = waiting[0].slice(offset, offset + bytes - taken.length);
        taken += part;
        offset += part.length;
        if (offset < waiting[0].length) break;
        waiting.shift();
        offset = 0;
      }
      return taken;
    };
    const tick = () => {
      const arrived = take(Math.floor((time.nowMs() - beganMs) * bytesPerMs));
      beganMs += arrived.length / bytesPerMs;
      cancel = waiting.length > 0 ? time.after(TICK_MS, tick) : undefined;
      if (arrived !== '') deliver(arrived);
    };
    return {
      send: (bytes) => {
        if (bytes === '') return;
        waiting.push(bytes);
        if (cancel !== undefined) return;
        // The last byte may have ended a little before now, but never after.
        beganMs = time.nowMs();
        cancel = time.after(TICK_MS, tick);
      },
      clear: () => {
        cancel?.();
        cancel = undefined;
        waiting = [];
        offset = 0;
      },
    };
  };
