import { integer } from './field.ts';

/** Lines that are neither question nor answer: `!NAME key=value ...`. Whoever does not know one ignores it. */
export const events = {
  boot: {
    name: 'BOOT',
    from: 'board',
    summary: 'The firmware has just started: its memory of batches, waves and arming is gone.',
    fields: { bootNonce: integer('boot', { min: 0, max: 0xffffffff }) },
  },
  alive: {
    name: 'ALIVE',
    from: 'host',
    summary: 'Feeds the dead-man while replies are awaited.',
    fields: {},
  },
} as const;
