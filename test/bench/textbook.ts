import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the C program can do, one after the other on each node: cases of its `switch`. */
export const textbookCases = ['free', 'pulse', 'rest-pulse', 'rest-pulse-noise', 'slot'] as const;
export type TextbookCase = (typeof textbookCases)[number];

/**
 * The textbook form, V = k2 / log(exp(k2 / V) + k1 dt), as one would write it in C: one exp and one log an update, one
 * normal of Box and Muller a draw. Arguments: case, nodes, rounds, dt in s, boost in V. Prints updates a second of processor time.
 */
const PROGRAM = String.raw`
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static const double k1 = 1.2e13, k2 = 300, quantum = 1.602176634e-7;
static uint64_t s0 = 0x9E3779B97F4A7C15u, s1 = 0xBF58476D1CE4E5B9u;
static double uniform(void) {
  uint64_t a = s0, b = s1, sum = a + b;
  b ^= a; s0 = ((a << 24) | (a >> 40)) ^ b ^ (b << 16); s1 = (b << 37) | (b >> 27);
  return (sum >> 11) * 0x1p-53;
}
static double normal(void) {
  double radius = sqrt(-2 * log1p(-uniform()));
  return radius * cos(6.283185307179586 * uniform());
}
static inline double advanced(double v, double boost, double dt) {
  return k2 / log(exp(k2 / (v + boost)) + k1 * dt) - boost;
}
static inline double noisy(double v, double boost, double dt) {
  double next = advanced(v, boost, dt);
  return next + normal() * sqrt(fmax(0, v - next) * quantum);
}
static inline int code(double v) { return (int)lrint((v * 0.4 + normal() * 3.2e-6) / 4 * 8388608); }
static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }
int main(int argc, char **argv) {
  int what = atoi(argv[1]), nodes = atoi(argv[2]), rounds = atoi(argv[3]);
  double dt = atof(argv[4]), boost = atof(argv[5]), *v = malloc(nodes * sizeof *v);
  long sum = 0;
  for (int i = 0; i < nodes; i++) v[i] = 8.5;
  double start = seconds();
  for (int r = 0; r < rounds; r++) switch (what) {
    case 0: for (int i = 0; i < nodes; i++) v[i] = advanced(v[i], 0, dt); break;
    case 1: for (int i = 0; i < nodes; i++) v[i] = advanced(v[i], boost, dt); break;
    case 2: for (int i = 0; i < nodes; i++) v[i] = advanced(advanced(v[i], 0, dt), boost, dt); break;
    case 3: for (int i = 0; i < nodes; i++) v[i] = noisy(noisy(v[i], 0, dt), boost, dt); break;
    case 4: for (int i = 0; i < nodes; i++) {
      v[i] = noisy(v[i], 0, 2e-3); sum += code(v[i]);
      v[i] = noisy(v[i], boost, dt);
      v[i] = noisy(v[i], 0, 2e-3); sum += code(v[i]);
    }
  }
  double took = seconds() - start, check = sum;
  for (int i = 0; i < nodes; i++) check += v[i];
  printf("%.17g %.17g\n", (double)nodes * rounds / took, check);
}
`;

/** Compiles the program with `cc -O3`. Throws with the command that installs one where there is none. */
export function compileTextbook(folder: string) {
  const source = join(folder, 'textbook.c');
  const program = join(folder, 'textbook');
  writeFileSync(source, PROGRAM);
  try {
    execFileSync('cc', ['-O3', '-o', program, source, '-lm'], { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (cause) {
    if (Reflect.get(Object(cause), 'code') !== 'ENOENT') throw cause;
    throw new Error('bench mock compares with a loop in C and found no cc: apt-get install gcc libc6-dev', {
      cause,
    });
  }
  return (what: TextbookCase, nodes: number, rounds: number, dtS: number, boostV: number): number => {
    const parameters = [textbookCases.indexOf(what), nodes, rounds, dtS, boostV].map(String);
    return Number.parseFloat(execFileSync(program, parameters, { encoding: 'utf8' }));
  };
}
