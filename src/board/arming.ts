import type { Observable } from 'rxjs';
import { commands } from '../../firmware-protocol/commands.ts';
import { anyRandom } from '../core/any-random.ts';
import type { Clock } from '../core/clock.ts';
import type { Link } from './link.ts';
import type { TimedPong } from './link-news.ts';
import { Refusal } from './refusal.ts';
import { broughtToRest, type EarlierWork, type ForeignRest, RestWatch } from './rest-watch.ts';
import type { SafeReply } from './types.ts';

/** Without a good line for so long, an armed board disarms itself. */
export const HOLD_MS = 5_000;
/** A host that was silent for about so long is why a board has disarmed itself that cannot tell: lines are late at times. */
const OWN_SILENCE_MS = 0.9 * HOLD_MS;
const MOST_HOSTS = 0xffffffff;

/** A number of its own for a host. */
export const anyHost = (): number => 1 + anyRandom.integer(MOST_HOSTS);

export interface ArmingLimits {
  readonly maxAmplitudeV: number;
  readonly maxWidthUs: number;
}

/** Allows pulses on a board and forbids them, and leaves it at rest where somebody else has brought it there. */
export class Arming {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #watch: RestWatch;
  #isMeant = false;
  /** Since when the board has confirmed that it is armed, ms; undefined where it is told otherwise. */
  #armedMs: number | undefined;
  #armedBoot: number | undefined;
  #asked: Promise<unknown> = Promise.resolve();

  constructor(link: Link, clock: Clock, host = anyHost()) {
    this.#link = link;
    this.#clock = clock;
    this.#watch = new RestWatch(host, link.identity);
    link.rests$.subscribe({
      next: (rest) => {
        const { known } = this.#watch;
        this.#watch.told(rest);
        if (this.#watch.known !== known) this.#armedMs = undefined;
      },
      complete: () => this.#watch.end(),
    });
    link.pongs$.subscribe((pong) => this.#judge(pong));
  }

  /** Asks whether something brought the board to rest since earlier work took note of it. */
  async goOnFor({ noted }: EarlierWork): Promise<void> {
    const pong = await this.#link.ping();
    if (pong.rests !== undefined) this.#watch.wentOn({ ...pong, rests: pong.rests }, noted);
  }

  /** The number that this host gives, and what it has taken note of; undefined of a board that tells no count. */
  get work(): EarlierWork | undefined {
    const { host, noted } = this.#watch;
    return noted && { host, noted };
  }

  /** True from when it is to be armed until it is disarmed: a lost reply may hide an armed board. */
  get isMeant(): boolean {
    return this.#isMeant;
  }

  get rest(): ForeignRest | undefined {
    return this.#watch.foreign;
  }

  get rested$(): Observable<ForeignRest> {
    return this.#watch.rested$;
  }

  goOn(): void {
    this.#watch.goOn();
  }

  /** Throws `brought-to-rest` while something else holds the board at rest. */
  assertAllowed(): void {
    const { foreign } = this.#watch;
    if (foreign !== undefined) throw broughtToRest(this.#link.identity.boardId, foreign);
  }

  async arm(limits: ArmingLimits): Promise<void> {
    this.#isMeant = true;
    try {
      await this.#arm(limits);
    } catch (error) {
      if (!(error instanceof Refusal) || error.fault !== 'rested') throw error;
      // It may have been this host's own dead-man while the link was down: the board says.
      await this.#link.ping();
      await this.#arm(limits);
    }
  }

  async #arm(limits: ArmingLimits): Promise<void> {
    this.assertAllowed();
    this.#link.takeSilenceMs();
    const { known } = this.#watch;
    const asHost = known === undefined ? {} : { rests: known, ...this.#asHost() };
    const { bootNonce } = await this.#link.ask(commands.arm, { ...limits, holdMs: HOLD_MS, ...asHost });
    this.#armedBoot = bootNonce;
    // It may have come to rest again before this was heard.
    if (this.#watch.known === known) this.#armedMs = this.#clock.nowMs();
  }

  async disarm(): Promise<void> {
    this.#armedMs = undefined;
    const { rests } = await this.#link.ask(commands.disarm, this.#asHost());
    this.#watch.caused(rests);
    this.#isMeant = false;
  }

  /** SAFE, ahead of all that waits. */
  async safe() {
    this.#armedMs = undefined;
    const reply = await this.#link.ask(commands.safe, this.#asHost(), { isUrgent: true });
    this.#watch.caused(reply.rests);
    return reply;
  }

  /** SAFE for somebody else: `by`, in words, holds the board at rest from this moment on. */
  makeSafe(by: string): Promise<SafeReply> {
    const isMeant = this.#isMeant;
    this.#watch.mark({ cause: 'safe', by });
    const made = this.safe().then(
      ({ boardTimeUs, wasArmed }): SafeReply => ({
        boardTimeUs,
        wasArmed: wasArmed ?? (isMeant ? 'yes' : 'unknown'),
      }),
    );
    this.#asked = made.catch(() => {});
    return made;
  }

  /** Resolves once whoever asked for SAFE last has an answer. */
  get answered(): Promise<unknown> {
    return this.#asked;
  }

  /**
   * Who asks, for boards that want to know. What somebody else has brought to rest is told to rest for nobody: the board is then to say so
   * also to whoever comes after this process.
   */
  #asHost(): { readonly host?: number } {
    const { known, foreign, host } = this.#watch;
    return known === undefined || foreign !== undefined ? {} : { host };
  }

  /**
   * A board that is disarmed and does not say why, as none of FNP/1.0 does. There it was its dead-man where it may have heard nothing for
   * long enough; one that counts its rests would have counted that.
   */
  #judge({ armed, bootNonce, sentMs }: TimedPong): void {
    if (armed === 'yes' || bootNonce !== this.#armedBoot) return;
    if (this.#armedMs === undefined || sentMs < this.#armedMs) return;
    this.#armedMs = undefined;
    const isTold = this.#watch.known !== undefined;
    if (!isTold && this.#link.takeSilenceMs() >= OWN_SILENCE_MS) return;
    this.#watch.mark({
      cause: 'unknown',
      by: isTold ? 'something that it does not tell' : 'something that FNP/1.0 does not tell',
    });
  }
}
