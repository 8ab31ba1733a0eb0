import type { Uniform } from './random.ts';

const MAX_FLIPS = 3;
const MAX_NOISE_BYTES = 16;
const MAX_PIECES = 4;

const whole = (below: number, draw: Uniform): number => Math.floor(draw() * below);

/** The line with one to three of its bits flipped, its newline's included. */
export function corrupted(line: string, draw: Uniform): string {
  const bytes = Buffer.from(line, 'latin1');
  const flips = new Set<number>();
  const wanted = 1 + whole(MAX_FLIPS, draw);
  while (flips.size < wanted) flips.add(whole(8 * bytes.length, draw));
  for (const bit of flips) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('latin1');
}

/** A few bytes of anything. */
export const noise = (draw: Uniform): string =>
  String.fromCharCode(...Array.from({ length: 1 + whole(MAX_NOISE_BYTES, draw) }, () => whole(256, draw)));

/** The bytes cut at one to three places. */
export function pieces(bytes: string, draw: Uniform): string[] {
  const cuts = Array.from({ length: 1 + whole(MAX_PIECES - 1, draw) }, () => whole(bytes.length + 1, draw));
  const ends = [...cuts.sort((one, other) => one - other), bytes.length];
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end)).filter((piece) => piece !== '');
}
