import type { LinkStatistics } from '../board/link-statistics.ts';
import type { Suspenders } from './config.ts';

/** What is seen of a board at a time. */
export interface Observation {
  readonly atMs: number;
  readonly link: Pick<LinkStatistics, 'badChecksums' | 'badForms' | 'roundTripMs'>;
  readonly temperatureK: number | undefined;
}

const WINDOW_MS = 60_000;
const MS_PER_S = 1_000;

/** Says whether a run has to rest because its board or link is outside its bands. */
export class Suspender {
  #bands: Suspenders | undefined;
  /** Damaged lines until then, oldest first. */
  readonly #badLines: { readonly atMs: number; readonly lines: number }[] = [];
  /** What connections before the present one had, which counts from 0 again. */
  #earlierLines = 0;
  #linesOfConnection = 0;
  #reason: string | undefined;
  #insideSinceMs: number | undefined;

  constructor(bands: Suspenders | undefined) {
    this.#bands = bands;
  }

  set bands(bands: Suspenders | undefined) {
    this.#bands = bands;
  }

  /** Why the run has to rest; undefined where it may go on, which is so once all has been inside for long enough. */
  observe(observation: Observation): string | undefined {
    const { atMs } = observation;
    const outside = this.#outside(observation);
    if (outside !== undefined) {
      this.#reason = outside;
      this.#insideSinceMs = undefined;
    } else if (this.#reason !== undefined) {
      this.#insideSinceMs ??= atMs;
      if (atMs - this.#insideSinceMs >= (this.#bands?.settleS ?? 0) * MS_PER_S) this.#reason = undefined;
    }
    return this.#reason;
  }

  #outside({ atMs, link, temperatureK }: Observation): string | undefined {
    const lines = this.#linesEver(link.badChecksums + link.badForms);
    const window = this.#badLines;
    window.push({ atMs, lines });
    // The oldest kept is what had arrived when the window began.
    while ((window[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) window.shift();
    const recent = lines - (window[0]?.lines ?? lines);
    const { temperatureK: band, badLinesPerMin, roundTripMs } = this.#bands ?? {};
    if (band !== undefined && temperatureK !== undefined) {
      if (temperatureK < band.min || temperatureK > band.max)
        return `Temperature ${temperatureK.toFixed(1)} K is outside of ${band.min} to ${band.max} K.`;
    }
    if (badLinesPerMin !== undefined && recent > badLinesPerMin)
      return `${recent} damaged lines in the last minute are more than ${badLinesPerMin}.`;
    if (roundTripMs !== undefined && link.roundTripMs > roundTripMs)
      return `A round trip of ${link.roundTripMs.toFixed(1)} ms is longer than ${roundTripMs} ms.`;
    return undefined;
  }

  #linesEver(ofConnection: number): number {
    if (ofConnection < this.#linesOfConnection) this.#earlierLines += this.#linesOfConnection;
    this.#linesOfConnection = ofConnection;
    return this.#earlierLines + ofConnection;
  }
}
