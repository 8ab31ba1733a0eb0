import { integer } from './field.ts';

/** News that nobody asked for: `!NAME key=value ...`. Hosts ignore those that they do not know. */
export const events = {
  boot: {
    name: 'BOOT',
    summary: 'The firmware has just started: its memory of batches, waves and arming is gone.',
    fields: { bootNonce: integer('boot', { min: 0, max: 0xffffffff }) },
  },
} as const;
