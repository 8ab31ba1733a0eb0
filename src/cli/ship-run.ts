import { anyRandom } from '../core/any-random.ts';
import { waitFor } from '../core/waiting.ts';
import type { Credentials } from '../influx/credentials.ts';
import { downsampleRun } from '../influx/downsample-run.ts';
import { Server } from '../influx/server.ts';
import { Shipper } from '../influx/shipper.ts';
import { type ShippingState, shippingState } from '../influx/shipping-state.ts';
import type { Target } from '../influx/target.ts';
import { openEndpoint } from '../influx/write-endpoint.ts';
import { Spool } from '../store/spool.ts';
import type { App } from './app.ts';

export interface ShipParts {
  readonly folder: string;
  readonly target: Target;
  readonly credentials: Credentials;
  readonly again: boolean;
  readonly patienceMs: number;
}

/** What shipping a run came to: the object that `--json` prints. */
export interface ShippedRun extends ShippingState {
  readonly runId: string;
  /** Points stored by this process. */
  readonly stored: number;
  readonly perS: number;
  /** Why the database did not store at the end; null where it did. */
  readonly heldUp: string | null;
}

const LOOK_EVERY_MS = 500;

/** Ships a recorded run to its last row, or until the database has stored nothing for too long, or a signal. */
export async function shipRun(
  app: App,
  { folder, target, credentials, again, patienceMs }: ShipParts,
): Promise<ShippedRun> {
  const { clock, signal } = app;
  const spool = await Spool.open(folder);
  const endpoint = openEndpoint(target, credentials);
  const { note } = app.output(false);
  try {
    const startMs = clock.nowMs();
    const shipper = await Shipper.open({
      spool,
      endpoint,
      target: target.name,
      clock,
      random: anyRandom,
      wait: waitFor,
      again,
      onNews: (news) => {
        if (news.kind === 'held-up')
          note(`${target.name} does not take points: ${news.reason}. Asking again.`);
      },
    });
    shipper.finish();
    const isDone = new AbortController();
    const stop = () => shipper.stop();
    signal.addEventListener('abort', stop, { once: true });
    const shipping = app.cooperate(() => shipper.run()).finally(() => isDone.abort());
    while (!isDone.signal.aborted) {
      await waitFor(LOOK_EVERY_MS, isDone.signal);
      if (shipper.sinceStoredMs > patienceMs) stop();
    }
    await shipping;
    signal.removeEventListener('abort', stop);
    const seconds = (clock.nowMs() - startMs) / 1e3;
    const state = await shippingState(spool, target.name);
    if (target.version === 1 && state.waiting === 0)
      await downsampleRun(spool, new Server(target, credentials));
    const { stored, reason: heldUp } = shipper;
    return { runId: spool.manifest.runId, ...state, stored, perS: stored / seconds, heldUp };
  } finally {
    endpoint.close();
    spool.close();
  }
}
