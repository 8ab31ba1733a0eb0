import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../core/errors.ts';
import type { BoardAddress } from './address.ts';
import { clearDead } from './dead-sockets.ts';
import { type HolderAnswer, MOST_REQUEST_BYTES, readRequest } from './holder-answer.ts';
import { holderNames } from './holder-names.ts';
import { ownHolderFolder, socketPath } from './holder-places.ts';

export interface SafeSocketParts {
  /** Brings the board to rest for who asks, and says how that went. Does not reject. */
  readonly rest: (by: string) => Promise<HolderAnswer>;
  /** Told once where nobody can ask: the work goes on all the same. */
  readonly note: (sentence: string) => void;
  /** In place of /tmp. */
  readonly shared?: string | undefined;
}

/** Connections that have not asked yet, and that wait for an answer; of the first kind the oldest goes for a new one. */
const MOST_SILENT = 32;
const MOST_WAITING = 128;
/** Who has not asked within so long does not mean to. */
const REQUEST_MS = 1_000;

/**
 * Where a process that holds a port can be asked for SAFE by anybody on this machine, and for nothing else. It never keeps the process
 * alive, nor fails its work.
 */
export class SafeSocket {
  readonly #parts: SafeSocketParts;
  readonly #servers = new Map<string, Server>();
  readonly #silent = new Set<Socket>();
  #waiting = 0;
  #given: string | undefined;
  #answering: Promise<HolderAnswer> | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;
  #hasNoted = false;

  constructor(parts: SafeSocketParts) {
    this.#parts = parts;
  }

  /** From here on it is found by the port as it was given first, and by where it is now. Resolves once it is. */
  at(address: BoardAddress): Promise<void> {
    this.#turn = this.#turn.then(() => this.#move(holderNames(address)));
    return this.#turn;
  }

  /** Whoever waits for an answer gets none. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#turn = this.#turn.then(() => this.#move([]));
    for (const socket of this.#silent) socket.destroy();
    return this.#turn;
  }

  async #move(names: readonly string[]): Promise<void> {
    this.#given ??= names[0];
    const wanted = new Set(this.#isClosed || this.#given === undefined ? [] : [this.#given, ...names]);
    for (const [name, server] of this.#servers) {
      if (wanted.has(name)) continue;
      this.#servers.delete(name);
      server.close();
    }
    for (const name of wanted) {
      if (this.#servers.has(name)) continue;
      try {
        this.#servers.set(name, await this.#listen(name));
      } catch (error) {
        this.#noteOnce(messageOf(error));
      }
    }
  }

  async #listen(name: string): Promise<Server> {
    const { shared } = this.#parts;
    const path = socketPath(process.platform === 'win32' ? '' : ownHolderFolder(shared), name);
    if (process.platform !== 'win32') {
      // Of a process that had our number before us.
      rmSync(path, { force: true });
      await clearDead(name, shared);
    }
    const server = createServer((socket) => this.#receive(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path, readableAll: true, writableAll: true }, resolve);
    });
    server.on('error', (error) => this.#noteOnce(error.message));
    server.unref();
    if (process.platform !== 'win32') chmodSync(path, 0o666);
    return server;
  }

  #receive(socket: Socket): void {
    this.#silent.add(socket);
    const [oldest] = this.#silent;
    if (this.#silent.size > MOST_SILENT) oldest?.destroy();
    socket.unref();
    const late = setTimeout(() => socket.destroy(), REQUEST_MS).unref();
    socket.once('close', () => {
      clearTimeout(late);
      this.#silent.delete(socket);
    });
    // Whoever hangs up has its reasons.
    socket.on('error', () => socket.destroy());
    let text = '';
    const take = (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= MOST_REQUEST_BYTES) return;
      socket.off('data', take);
      clearTimeout(late);
      const by = end < 0 || end > MOST_REQUEST_BYTES ? undefined : readRequest(text.slice(0, end));
      if (by === undefined || this.#waiting >= MOST_WAITING) socket.destroy();
      else void this.#answer(socket, by);
    };
    socket.on('data', take);
  }

  /** One that asks while the board is being brought to rest hears how that goes. */
  async #answer(socket: Socket, by: string): Promise<void> {
    this.#silent.delete(socket);
    this.#waiting += 1;
    this.#answering ??= this.#parts.rest(by).finally(() => {
      this.#answering = undefined;
    });
    try {
      const answer = await this.#answering;
      socket.end(`${JSON.stringify(answer)}\n`, () => socket.destroy());
    } finally {
      this.#waiting -= 1;
    }
  }

  #noteOnce(reason: string): void {
    if (this.#hasNoted) return;
    this.#hasNoted = true;
    this.#parts.note(`Other programs cannot ask this one for SAFE: ${reason}.`);
  }
}
