import { execFile } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Tells systemd how the daemon stands; does nothing where it was not started by systemd. */
export class ServiceNotice {
  readonly #environment: Environment;
  readonly #everyMs: number | undefined;
  readonly #warn: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** Takes NOTIFY_SOCKET and WATCHDOG_USEC as systemd sets them. */
  constructor(environment: Environment, warn: (text: string) => void) {
    this.#environment = environment;
    const watchdogUs = Number(environment['WATCHDOG_USEC'] ?? Number.NaN);
    // Thrice in the time it allows, so that one may be late.
    this.#everyMs = watchdogUs > 0 ? watchdogUs / 3e3 : undefined;
    this.#warn = warn;
  }

  /** It serves. From now on the watchdog is told that the daemon is alive, for as long as `isWell` says so. */
  ready(isWell: () => boolean): void {
    this.#tell(`--pid=${process.pid}`, '--ready', '--status=Looking after its boards');
    if (!this.#isHeard || this.#everyMs === undefined) return;
    this.#timer = setInterval(() => {
      if (isWell()) this.#tell('WATCHDOG=1');
    }, this.#everyMs);
  }

  reloading(): void {
    this.#tell('RELOADING=1');
  }

  reloaded(): void {
    this.#tell('READY=1');
  }

  stopping(): void {
    clearInterval(this.#timer);
    this.#tell('STOPPING=1');
  }

  get #isHeard(): boolean {
    return this.#environment['NOTIFY_SOCKET'] !== undefined;
  }

  #tell(...parameters: string[]): void {
    if (!this.#isHeard) return;
    execFile('systemd-notify', parameters, { env: this.#environment, timeout: 5_000 }, (error) => {
      if (error !== null) this.#warn(`systemd was not told ${parameters.at(-1)}: ${error.message}`);
    });
  }
}
