import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/package.ts';

const ENTRY = join(packageRoot, 'test', 'support', 'stress', 'board-process.mjs');

/** What only the board knows. */
export interface BoardTruth {
  /** Of each node, S then R of each cell. */
  readonly pulses: readonly number[];
  readonly isArmed: boolean;
}

/** A mock board whose process outlives those of its hosts. */
export interface BoardProcess {
  readonly name: string;
  readonly address: string;
  /** Pulls its wire out for so long. */
  unplug(forMs: number): void;
  truth(): Promise<BoardTruth>;
  close(): Promise<void>;
}

/** At a pseudo-terminal where a path is given, else on TCP. */
export async function startBoard(name: string, seed: number, pty?: string): Promise<BoardProcess> {
  const child = fork(ENTRY, pty === undefined ? [String(seed)] : [String(seed), pty]);
  const next = async <T>() => {
    const [message] = (await once(child, 'message')) as [T];
    return message;
  };
  const { address } = await next<{ address: string }>();
  return {
    name,
    address,
    unplug: (forMs) => void child.send({ unplugForMs: forMs }),
    truth: () => {
      const answer = next<BoardTruth>();
      child.send({});
      return answer;
    },
    close: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}
