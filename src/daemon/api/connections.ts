import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectionLimits {
  readonly inAll: number;
  readonly ofPeer: number;
  /** Beyond both there is room for so many that came just now: whoever knocks has time to say what for. */
  readonly young: number;
  readonly youngMs: number;
  /** An answer of which nothing was taken for so long may be cut. */
  readonly stalledMs: number;
}

/** What a request is for. Streams of events are few, hold little for who stalls, and may do so for longer. */
export type Purpose = 'safe' | 'events' | 'other';

/** One is answered after the other, so nobody sends more ahead than a client may by chance. */
const MOST_AHEAD = 4;

interface Connection {
  readonly peer: string;
  /** When it came, or last had an answer, ms. */
  sinceMs: number;
  /** Requests whose answers have not gone out. */
  open: number;
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  purpose: Purpose;
  /** Bytes taken, and when that was seen to change. */
  taken: { bytes: number; atMs: number };
}

/**
 * The connections of a server: so many of one address, so many in all. Where there is no place left, a newcomer displaces the one that has
 * waited longest without asking anything, else a reader that takes nothing; who asks for SAFE is never displaced.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #nowMs: () => number;
  /** In the order of `sinceMs`. */
  readonly #open = new Map<Socket, Connection>();
  readonly #byPeer = new Map<string, number>();

  constructor(limits: ConnectionLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#open.size;
  }

  add(socket: Socket): void {
    const peer = socket.remoteAddress ?? 'unknown';
    const { inAll, ofPeer } = this.#limits;
    const mine = this.#byPeer.get(peer) ?? 0;
    const hasRoom =
      (mine < ofPeer || this.#displace(mine - ofPeer, peer)) &&
      (this.#open.size < inAll || this.#displace(this.#open.size - inAll, undefined));
    if (!hasRoom) {
      this.#cut(socket);
      return;
    }
    const nowMs = this.#nowMs();
    this.#open.set(socket, {
      peer,
      sinceMs: nowMs,
      open: 0,
      request: undefined,
      response: undefined,
      purpose: 'other',
      taken: { bytes: 0, atMs: nowMs },
    });
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + 1);
    socket.once('close', () => this.#remove(socket));
  }

  /** A request begins. False where its connection is cut instead. */
  begin(request: IncomingMessage, response: ServerResponse, purpose: Purpose): boolean {
    const { socket } = request;
    const connection = this.#open.get(socket);
    if (connection === undefined || socket.destroyed) return false;
    if (connection.open >= MOST_AHEAD) {
      socket.destroy();
      return false;
    }
    connection.open += 1;
    connection.request = request;
    connection.response = response;
    if (connection.purpose !== 'safe') connection.purpose = purpose;
    connection.taken = { bytes: socket.bytesWritten, atMs: this.#nowMs() };
    response.once('close', () => {
      connection.open -= 1;
      if (connection.open > 0 || !this.#open.delete(socket)) return;
      connection.request = undefined;
      if (response.shouldKeepAlive) connection.response = undefined;
      connection.purpose = 'other';
      connection.sinceMs = this.#nowMs();
      this.#open.set(socket, connection);
    });
    return true;
  }

  /** What somebody who sent nonsense, or not enough, can be told: nothing where an answer has begun, for HEAD nothing but a status. */
  tellable(socket: Duplex): 'nothing' | 'status' | 'all' {
    const connection = this.#open.get(socket as Socket);
    if (!socket.writable || connection === undefined || connection.response?.headersSent === true)
      return 'nothing';
    return connection.request?.method === 'HEAD' ? 'status' : 'all';
  }

  /** Makes a place, of one peer or of any. True without one where those who would go are young, and few. */
  #displace(beyond: number, peer: string | undefined): boolean {
    const nowMs = this.#nowMs();
    let stalled: Socket | undefined;
    for (const [socket, connection] of this.#open) {
      if (connection.purpose === 'safe' || (peer !== undefined && connection.peer !== peer)) continue;
      if (connection.request?.complete !== true) {
        if (nowMs - connection.sinceMs < this.#limits.youngMs && beyond < this.#limits.young) return true;
        this.#cut(socket);
        return true;
      }
      if (stalled === undefined && this.#isStalled(socket, connection, nowMs)) stalled = socket;
    }
    if (stalled !== undefined) this.#cut(stalled);
    return stalled !== undefined || beyond < this.#limits.young;
  }

  #isStalled(socket: Socket, { taken }: Connection, nowMs: number): boolean {
    const sent = socket.bytesWritten - socket.writableLength;
    if (socket.writableLength === 0 || sent !== taken.bytes) {
      taken.bytes = sent;
      taken.atMs = nowMs;
    }
    return nowMs - taken.atMs >= this.#limits.stalledMs;
  }

  /** Cuts readers that take nothing: an answer that waits for them is held in memory. */
  cutStalled(): void {
    const nowMs = this.#nowMs();
    for (const [socket, connection] of this.#open)
      if (connection.open > 0 && connection.purpose === 'other' && this.#isStalled(socket, connection, nowMs))
        this.#cut(socket);
  }

  #cut(socket: Socket): void {
    this.#remove(socket);
    // Whoever is cut connects again at once: were that heard of in this turn, the loop could go on accepting for good.
    setImmediate(() => socket.destroy());
  }

  #remove(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    this.#open.delete(socket);
    const left = (this.#byPeer.get(connection.peer) ?? 1) - 1;
    if (left > 0) this.#byPeer.set(connection.peer, left);
    else this.#byPeer.delete(connection.peer);
  }
}
