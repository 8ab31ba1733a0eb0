import type { Standing } from '../influx/shipper.ts';

const LOOK_EVERY_MS = 1000;
const MS_PER_S = 1000;

/** Shipping that tells in words how it stands, until it is no longer watched. */
export interface WatchedShipping {
  watch(told: (text: string) => void): () => void;
}

/** Looks each second how shipping stands; undefined where nothing is shipped. */
export function watched(
  shipping: { standing(): Promise<Standing | undefined> } | undefined,
): WatchedShipping | undefined {
  if (shipping === undefined) return undefined;
  return {
    watch: (told) => {
      let isLooking = false;
      const look = async () => {
        if (isLooking) return;
        isLooking = true;
        const standing = await shipping.standing();
        if (standing !== undefined) told(standingText(standing));
        isLooking = false;
      };
      // Where the file cannot be read any more, the run itself says so.
      const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY_MS);
      return () => clearInterval(timer);
    },
  };
}

/** How shipping stands, for a line of progress. */
export function standingText({ waiting, awayMs }: Standing): string {
  const rows = `influx: ${waiting.toLocaleString('en')} ${waiting === 1 ? 'row waits' : 'rows wait'}`;
  return awayMs === null ? rows : `${rows}, database away since ${Math.round(awayMs / MS_PER_S)} s`;
}
