import type { ReplyOf } from '../../firmware-protocol/command.ts';
import { commands, PROTOCOL_VERSION } from '../../firmware-protocol/commands.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError } from '../core/errors.ts';
import type { Endpoint, Place } from '../transport/endpoint.ts';
import { noLinkStatistics } from './link-statistics.ts';
import { type Answer, Session } from './session.ts';

/** What was found at a board that was brought to rest. */
export interface Rest {
  /** Where it answered. */
  readonly address: string;
  /** The board's own name; null where it does not say one. */
  readonly boardId: string | null;
  /** `unknown` where it did not say. */
  readonly wasArmed: 'yes' | 'no' | 'unknown';
  readonly boardTimeUs: number;
}

/**
 * Brings the board at the first place that can be opened to rest. It is not greeted first: what is under way there must not
 * delay SAFE. Resolves once the board has confirmed SAFE and says that it is not armed. Rejects with the errors
 * of opening and of `Session.ask`, and with `unexpected-reply` where it is armed all the same. Closes the endpoint.
 */
export async function bringToRest(endpoint: Endpoint, clock: Clock): Promise<Rest> {
  try {
    let failure: unknown = new FnloopError('port-missing', `There is no place ${endpoint.address}.`);
    for (const place of await endpoint.places()) {
      const session = await sessionAt(place, clock).catch((error: unknown) => {
        failure = error;
      });
      if (session !== undefined) return await restOf(session).finally(() => session.close());
    }
    throw failure;
  } finally {
    await endpoint.close();
  }
}

async function sessionAt(place: Place, clock: Clock): Promise<Session> {
  return new Session(await place.open(), clock, { counts: noLinkStatistics(), lastId: 0 });
}

async function restOf(session: Session): Promise<Rest> {
  // PING and SAFE go out together; a board without room for both executes SAFE all the same.
  session.allow({ window: 2, receiveBytes: 512 });
  let found: Answer<ReplyOf<typeof commands.ping>> | undefined;
  session.ask(commands.ping, {}).then(
    (pong) => {
      found ??= pong;
    },
    () => {},
  );
  const { reply: rest, receivedMs } = await session.ask(commands.safe, {}, { isUrgent: true });
  const { reply: after } = await session.ask(commands.ping, {});
  if (after.armed === 'yes') {
    throw new FnloopError(
      'unexpected-reply',
      `The board at ${session.address} confirmed SAFE, but says that it is armed: switch off its programming supply.`,
    );
  }
  // An answer to a PING that was sent again tells how things are after SAFE.
  const before = found !== undefined && found.receivedMs < receivedMs ? found.reply.armed : 'unknown';
  const { reply: hello } = await session.exchange(commands.hello, { proto: PROTOCOL_VERSION });
  return {
    address: session.address,
    boardId: hello.get('board') ?? null,
    wasArmed: before === 'yes' ? before : (rest.wasArmed ?? before),
    boardTimeUs: rest.boardTimeUs,
  };
}
