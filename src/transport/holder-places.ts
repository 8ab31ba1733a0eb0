import { chmodSync, lstatSync, mkdirSync, mkdtempSync, opendirSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { systemCodeOf } from '../core/errors.ts';
import { ownUid } from '../core/user.ts';

/** A socket at which a process that holds a port may answer. */
export interface HolderSocket {
  readonly path: string;
  readonly process: number;
  /** Whose it is; undefined where the system does not tell. */
  readonly uid: number | undefined;
  /** It is ours, or of somebody who could do anything here anyhow. */
  readonly isBelieved: boolean;
}

/** Not the folder that TMPDIR names: it may differ between those who have to meet. */
const SHARED = '/tmp';
/** Of a service, which has a /tmp of its own; only the administrator makes it. */
const SERVICE = '/run/fnloop';
const PIPES = '\\\\.\\pipe\\';
const FOLDER = /^fnloop-safe-(\d+)(?:-\w+)?$/;
const SOCKET = /^(?:fnloop-)?([0-9a-f]+)-(\d+)$/;
/** Others may fill their folders, and the shared one, as they like. */
const MOST_ENTRIES = 20_000;
const MOST_SOCKETS = 64;
const OF_OTHERS = 0o022;

/**
 * The folder of this user for the sockets at which its processes answer, made where it is missing: anybody may find what is in it,
 * nobody else may put something there. Throws the system's errors.
 */
export function ownHolderFolder(shared = SHARED): string {
  if (process.env['RUNTIME_DIRECTORY'] === SERVICE) return SERVICE;
  const uid = ownUid();
  const folder = join(shared, `fnloop-safe-${uid}`);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
    // Somebody else was there first: our name followed by something that nobody could foresee.
    if (!isFolderOf(lstatSync(folder), uid)) return opened(mkdtempSync(`${folder}-`));
  }
  return opened(folder);
}

function opened(folder: string): string {
  chmodSync(folder, 0o755);
  return folder;
}

/** Where a process is asked that goes by this name. */
export const socketPath = (folder: string, name: string): string =>
  process.platform === 'win32'
    ? `${PIPES}fnloop-${name}-${process.pid}`
    : join(folder, `${name}-${process.pid}`);

/** Sockets of processes that go by one of these names, those that are believed first. */
export function holderSockets(names: readonly string[], shared = SHARED): readonly HolderSocket[] {
  if (process.platform === 'win32')
    return matching(readdirSync(PIPES), names).map(({ entry, process: pid }) => ({
      path: `${PIPES}${entry}`,
      process: pid,
      uid: undefined,
      isBelieved: true,
    }));
  const uid = ownUid();
  const known = [SERVICE, join(shared, `fnloop-safe-${uid}`), join(shared, 'fnloop-safe-0')];
  const folders = new Set([...known, ...entriesOf(shared, FOLDER).map((entry) => join(shared, entry))]);
  const sockets = [...folders].flatMap((folder) => socketsIn(folder, names, uid));
  return sockets.sort((a, b) => Number(b.isBelieved) - Number(a.isBelieved)).slice(0, MOST_SOCKETS);
}

/** None of a folder that is not its owner's alone, nor of one that is not his whom its name says. */
function socketsIn(folder: string, names: readonly string[], own: number): readonly HolderSocket[] {
  const stats = statsOf(folder);
  const [, named] = FOLDER.exec(folder.split('/').at(-1) ?? '') ?? [];
  const uid = folder === SERVICE ? stats?.uid : Number(named);
  if (stats === undefined || uid === undefined || !isFolderOf(stats, uid)) return [];
  return matching(entriesOf(folder, SOCKET), names).flatMap(({ entry, process: pid }) => {
    const path = join(folder, entry);
    const socket = statsOf(path);
    if (!socket?.isSocket() || socket.uid !== uid) return [];
    return [{ path, process: pid, uid, isBelieved: uid === own || uid === 0 || folder === SERVICE }];
  });
}

const matching = (entries: readonly string[], names: readonly string[]) =>
  entries.flatMap((entry) => {
    const [, name = '', pid] = SOCKET.exec(entry) ?? [];
    return names.includes(name) ? [{ entry, process: Number(pid) }] : [];
  });

const isFolderOf = (stats: Stats, uid: number): boolean =>
  stats.isDirectory() && stats.uid === uid && (stats.mode & OF_OTHERS) === 0;

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** As many as are read in no time; empty where there is no such folder, or it may not be read. */
function entriesOf(folder: string, pattern: RegExp): readonly string[] {
  const entries: string[] = [];
  try {
    const opened = opendirSync(folder);
    try {
      for (let read = 0; read < MOST_ENTRIES; read += 1) {
        const entry = opened.readSync();
        if (entry === null) break;
        if (pattern.test(entry.name)) entries.push(entry.name);
      }
    } finally {
      opened.closeSync();
    }
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
  }
  return entries;
}
