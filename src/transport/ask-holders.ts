import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCodeOf } from '../core/errors.ts';
import { ownUserName } from '../core/user.ts';
import type { BoardAddress } from './address.ts';
import { clearAway } from './dead-sockets.ts';
import { type HolderAnswer, MOST_ANSWER_BYTES, readAnswer, spellRequest } from './holder-answer.ts';
import { holderNames } from './holder-names.ts';
import { type HolderSocket, holderSockets } from './holder-places.ts';

/** An answer, and whose. */
export interface Heard extends HolderAnswer {
  readonly uid: number | undefined;
  readonly isBelieved: boolean;
}

/** The processes of this machine that hold a port, while they are being asked. */
export interface AskedHolders {
  /** Those of them whose word is believed. */
  readonly processes: readonly number[];
  /** What was heard when all had answered, or the time was over. */
  readonly inTime: Promise<readonly Heard[]>;
  /** What was heard in the end; a process that is busy takes longer. */
  readonly all: Promise<readonly Heard[]>;
  /** Waits for no more answers. */
  leave(): void;
}

/** Who asks for SAFE waits for nobody longer than that before it tries other ways. */
export const IN_TIME_MS = 300;
const ANSWER_MS = 5_000;

/** Asks every process that holds the port at an address to bring its board to rest, all at once. None of it rejects. */
export function askHolders(address: BoardAddress, shared?: string): AskedHolders {
  const heard: Heard[] = [];
  const leaving = new AbortController();
  const sockets = holderSockets(holderNames(address), shared);
  const asking = sockets.map(async (socket) => {
    const answer = await askOne(socket, leaving.signal);
    const { uid, isBelieved, process: pid } = socket;
    // One that goes by both names of a port answers twice.
    const isNew = heard.every((each) => each.uid !== uid || each.process !== answer?.process);
    if (answer?.process === pid && isNew) heard.push({ ...answer, uid, isBelieved });
  });
  const all = Promise.all(asking).then(() => [...heard]);
  const isOver = new AbortController();
  const late = sleep(IN_TIME_MS, undefined, { signal: isOver.signal, ref: false }).catch(() => undefined);
  const inTime = Promise.race([all, late]).then(() => {
    isOver.abort();
    return [...heard];
  });
  const believed = sockets.filter(({ isBelieved }) => isBelieved);
  return {
    processes: [...new Set(believed.map((each) => each.process))],
    inTime,
    all,
    leave: () => leaving.abort(),
  };
}

/** Undefined where nobody answers, or not as a holder does. */
function askOne(holder: HolderSocket, signal: AbortSignal): Promise<HolderAnswer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(holder.path);
    const done = (answer: HolderAnswer | undefined) => {
      clearTimeout(late);
      socket.destroy();
      resolve(answer);
    };
    const late = setTimeout(() => done(undefined), ANSWER_MS);
    signal.addEventListener('abort', () => done(undefined), { once: true });
    socket.once('connect', () => socket.write(spellRequest({ process: process.pid, user: ownUserName() })));
    socket.once('error', (error) => {
      if (systemCodeOf(error) === 'ECONNREFUSED') clearAway(holder);
      done(undefined);
    });
    socket.once('close', () => done(undefined));
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const end = text.indexOf('\n');
      if (end >= 0 && end < MOST_ANSWER_BYTES) done(readAnswer(text.slice(0, end)));
      else if (text.length > MOST_ANSWER_BYTES) done(undefined);
    });
  });
}
