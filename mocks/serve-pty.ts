import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import * as pty from '@lydell/node-pty';
import { DescriptorWriter } from './descriptor-writer.ts';
import { plugged, type Served } from './served.ts';
import type { WireEnd } from './wire-end.ts';

export interface ServedPty extends Served {
  /** The link, or the pseudo-terminal of the moment; while unplugged the last one, where nothing is now. */
  readonly path: string;
}

/** node-pty opens bare pseudo-terminals too, without declaring it. */
interface BarePty {
  readonly master: Duplex;
  readonly slave: Duplex;
  readonly _pty: string;
  /** The master's descriptor, non-blocking. */
  readonly _fd: number;
}
const openPty = Reflect.get(pty, 'open') as (options: { readonly encoding: null }) => BarePty;

/**
 * Serves the board on a pseudo-terminal, and on a symbolic link to it where `linkPath` names one. Unplugged,
 * clients see a hang-up, and terminal and link are gone; then there is a new terminal.
 */
export async function servePty(end: WireEnd, linkPath?: string): Promise<ServedPty> {
  let terminal = openTerminal(end, linkPath);
  const served = plugged({
    pullOut: async () => {
      terminal.close();
      end.unplugged?.();
    },
    plugIn: async () => {
      terminal = openTerminal(end, linkPath);
    },
  });
  end.onUnplug = served.unplug;
  return {
    get path() {
      return linkPath ?? terminal.path;
    },
    get isPlugged() {
      return served.isPlugged;
    },
    unplug: served.unplug,
    close: served.close,
  };
}

function openTerminal(end: WireEnd, linkPath: string | undefined): { readonly path: string; close(): void } {
  const { master, slave, _pty: path, _fd: descriptor } = openPty({ encoding: null });
  const writer = new DescriptorWriter(descriptor);
  // Held open, but never read, so that the terminal outlives each client; node-pty's own stream would read.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  slave.destroy();
  // The stream read from a copy; its original would stay open for ever, one with each terminal.
  const made = madeNs(held);
  for (const copy of ownDescriptors()) {
    if (copy !== held && targetOf(copy) === path && madeNs(copy) === made) closeSync(copy);
  }
  const release = () => {
    writer.close();
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
  end.onSend = (bytes) => writer.write(bytes);
  master.on('data', (bytes: Buffer) => end.receive(bytes.toString('latin1')));
  return {
    path,
    close: () => {
      end.onSend = () => {};
      if (linkPath !== undefined) rmSync(linkPath, { force: true });
      release();
    },
  };
}

/** Tells terminals of one name apart: a client of this process may still hold an earlier one. */
const madeNs = (descriptor: number): bigint => fstatSync(descriptor, { bigint: true }).ctimeNs;

const OWN_DESCRIPTORS = '/proc/self/fd';

/** This process's descriptors, on systems that tell. */
const ownDescriptors = (): number[] =>
  existsSync(OWN_DESCRIPTORS) ? readdirSync(OWN_DESCRIPTORS).map(Number) : [];

function targetOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(join(OWN_DESCRIPTORS, String(descriptor)));
  } catch {
    // The one that listed the others is closed by now.
    return undefined;
  }
}
