import { decodeFields } from '../../firmware-protocol/codec.ts';
import { commands, PROTOCOL_VERSION } from '../../firmware-protocol/commands.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import { FnloopError } from '../core/errors.ts';
import type { LinkStatistics } from './link-statistics.ts';
import type { Session } from './session.ts';
import type { BoardIdentity } from './types.ts';

/** A board that restarts when its port opens is deaf for a while; HELLO is asked several times. */
const HELLO_MS = 1_500;
const HELLO_BYTES = 700;

export interface Greeting {
  readonly identity: BoardIdentity;
  /** When it came, ms. */
  readonly receivedMs: number;
}

/**
 * Asks who is there. Rejects with `no-reply` where no board answers, `version-mismatch` when its major
 * version is not ours, `unexpected-reply` when its HELLO is not FNP/1.
 */
export async function greet(session: Session, heard: () => LinkStatistics): Promise<Greeting> {
  const before = heard().linesReceived;
  const deadlineMs = HELLO_MS + (HELLO_BYTES * 1e3) / session.bytesPerS;
  const { reply: fields, receivedMs } = await session
    .exchange(commands.hello, { proto: PROTOCOL_VERSION }, { deadlineMs })
    .catch((cause) => {
      if (!(cause instanceof FnloopError) || cause.code !== 'no-reply') throw cause;
      const lines = heard().linesReceived - before;
      const noise = lines === 0 ? 'nothing was heard' : `${lines} lines were heard, none a reply`;
      throw new FnloopError(
        'no-reply',
        `No FNP board answers HELLO at ${session.address}: ${noise}. Is it a board, at the right baud rate?`,
        { cause },
      );
    });
  const version = fields.get('proto') ?? 'none';
  if (version.split('.')[0] !== PROTOCOL_VERSION.split('.')[0]) {
    throw new FnloopError(
      'version-mismatch',
      `The board at ${session.address} speaks FNP version ${version}, this fnloop speaks ${PROTOCOL_VERSION}: the majors must match.`,
    );
  }
  try {
    return { identity: decodeFields(commands.hello.reply, fields, { unknown: 'ignore' }), receivedMs };
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    throw new FnloopError('unexpected-reply', `HELLO of ${session.address} is not FNP/1: ${cause.message}.`, {
      cause,
    });
  }
}

/** What may differ between two greetings of one board. */
const VARYING: readonly (keyof BoardIdentity)[] = ['bootNonce', 'lastBatch', 'boardTimeUs', 'rests'];

/** In words, why `found` is not the board that was greeted first as `known`; undefined when it is. */
export function strangerBecause(known: BoardIdentity, found: BoardIdentity): string | undefined {
  if (found.boardId !== known.boardId)
    return `board ${found.boardId} answers there, expected ${known.boardId}`;
  const changed = (Object.keys(known) as (keyof BoardIdentity)[]).find(
    (key) => !VARYING.includes(key) && known[key] !== found[key],
  );
  return changed === undefined
    ? undefined
    : `board ${known.boardId} now announces ${changed} ${found[changed]}, before ${known[changed]}`;
}
