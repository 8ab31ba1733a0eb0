import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, symlinkSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import * as pty from '@lydell/node-pty';
import type { WireEnd } from './wire-end.ts';

export interface ServedPty {
  readonly path: string;
  close(): Promise<void>;
}

/** node-pty opens bare pseudo-terminals too, without declaring it. */
interface BarePty {
  readonly master: Duplex;
  readonly slave: Duplex;
  readonly _pty: string;
}
const openPty = Reflect.get(pty, 'open') as (options: { readonly encoding: null }) => BarePty;

/** Serves the board on a pseudo-terminal, and on a symbolic link to it where `linkPath` names one. */
export async function servePty(board: WireEnd, linkPath?: string): Promise<ServedPty> {
  const { master, slave, _pty: path } = openPty({ encoding: null });
  // Held open, but never read, so that the terminal outlives each client; node-pty's own stream would read.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  slave.destroy();
  const release = () => {
    closeSync(held);
    master.destroy();
  };
  try {
    // Raw from the start, so that a client that sets nothing does not have replies echoed back to the board.
    execFileSync('stty', [process.platform === 'linux' ? '-F' : '-f', path, 'raw', '-echo']);
    if (linkPath !== undefined) symlinkSync(path, linkPath);
  } catch (error) {
    release();
    throw error;
  }
  board.onSend = (bytes) => master.write(bytes, 'latin1');
  master.on('data', (bytes: Buffer) => board.receive(bytes.toString('latin1')));
  return {
    path: linkPath ?? path,
    close: async () => {
      board.onSend = () => {};
      if (linkPath !== undefined) rmSync(linkPath, { force: true });
      release();
    },
  };
}
