import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { FnloopError } from '../../core/errors.ts';

/** Counts requests by who asks. */
export interface Rate {
  /** Rejects with `too-many`. */
  take(who: string): Promise<void>;
}

export function perMinute(points: number): Rate {
  const limiter = new RateLimiterMemory({ points, duration: 60 });
  const tooMany = ({ msBeforeNext }: RateLimiterRes) =>
    new FnloopError('too-many', `Too many requests: ask again in ${Math.ceil(msBeforeNext / 1e3)} s.`);
  return {
    take: async (who) => {
      await limiter.consume(who).catch((reason: unknown) => {
        throw reason instanceof RateLimiterRes ? tooMany(reason) : reason;
      });
    },
  };
}
