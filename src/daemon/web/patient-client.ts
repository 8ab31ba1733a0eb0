import pLimit from 'p-limit';
import type * as z from 'zod';
import { FnloopError } from '../../core/errors.ts';
import { type Asking, DaemonClient } from '../client/client.ts';
import type { Route } from '../routes/route.ts';

/** With the stream of events and what asks how the daemon is, that leaves a browser one of its six connections to a host for SAFE. */
const AT_ONCE = 2;

/**
 * Asks as few things at once as leave a connection free for what cannot wait; the others take turns. What is under way when its signal
 * aborts is `daemon-unavailable`.
 */
export class PatientClient extends DaemonClient {
  readonly #turn = pLimit(AT_ONCE);

  override ask<R extends Route>(route: R, asking: Asking<R> = {}): Promise<z.output<R['answer']>> {
    return this.#turn(() => super.ask(route, asking)).catch((error: unknown) => {
      if (!(error instanceof FnloopError) || error.code !== 'interrupted') throw error;
      const sentence =
        'The connection was lost before the answer came: what was asked for may have been done.';
      throw new FnloopError('daemon-unavailable', sentence, { cause: error });
    });
  }
}
