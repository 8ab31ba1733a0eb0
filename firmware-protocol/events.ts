import { integer } from './field.ts';
import { restCause, restHost } from './rest.ts';

/** Lines that are neither question nor answer: `!NAME key=value ...`. Whoever does not know one ignores it. */
export const events = {
  boot: {
    name: 'BOOT',
    from: 'board',
    summary: 'The firmware has just started: its memory of batches, waves and arming is gone.',
    fields: { bootNonce: integer('boot', { min: 0, max: 0xffffffff }) },
  },
  rest: {
    name: 'REST',
    from: 'board',
    summary: 'The board has come to rest and is disarmed: how often in this boot, and what did it.',
    fields: {
      bootNonce: integer('boot', { min: 0, max: 0xffffffff }),
      rests: integer('rests', { min: 1, max: 0xffffffff }),
      restCause,
      restHost,
    },
  },
  alive: {
    name: 'ALIVE',
    from: 'host',
    summary: 'Feeds the dead-man while replies are awaited.',
    fields: {},
  },
} as const;
