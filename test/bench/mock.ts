import { FloatingGates } from '../../mocks/floating-gates.ts';
import { createChip, type Wave } from '../../mocks/index.ts';
import { presets } from '../../mocks/presets.ts';
import { normalStream } from '../../mocks/random.ts';
import { Thermal } from '../../mocks/thermal.ts';
import { type Benchmark, number, type Row, text } from './benchmark.ts';
import { withFolder } from './folder.ts';
import { compileTextbook, type TextbookCase } from './textbook.ts';

const NODES = 1024;
const SLOT_CELLS = 64;
const REPETITIONS = 7;
const STEP_US = 1_000;
const BOOST_V = 0.2;
const US_PER_S = 1e6;

/** Something that advances nodes; `rounds` times each of `nodes`. */
interface Case {
  readonly name: string;
  readonly unit: string;
  readonly against: TextbookCase;
  readonly nodes: number;
  readonly rounds: number;
  /** Makes fresh nodes, and what advances them all by one step. */
  prepare(): () => void;
}

const gates = (hasNoise: boolean) => {
  const { thermal, ...preset } = presets['dam-a'] ?? unknown();
  return new FloatingGates(
    Array.from({ length: NODES }, () => preset),
    new Thermal(thermal, { fromUs: 0, fromK: 300, driftKPerHour: 0 }),
    hasNoise ? normalStream(1, 'shot') : undefined,
  );
};

/** Pulses after rests of the same length, or without; `isSeen` where each ends with a look at the voltage. */
function pulses({ rests = false, hasNoise = false, isSeen = false }): () => void {
  const nodes = gates(hasNoise);
  let timeUs = 0;
  return () => {
    if (rests) timeUs += STEP_US;
    for (let node = 0; node < NODES; node += 1) {
      nodes.pulse(node, timeUs, STEP_US, BOOST_V);
      if (isSeen) nodes.voltageAt(node, timeUs + STEP_US);
    }
    timeUs += STEP_US;
  };
}

const cases: readonly Case[] = [
  {
    name: 'free decay, nobody looks',
    unit: 'update',
    against: 'free',
    nodes: NODES,
    rounds: 20_000,
    prepare: () => {
      const nodes = gates(false);
      let timeUs = 0;
      return () => {
        timeUs += STEP_US;
        nodes.settle(timeUs);
      };
    },
  },
  {
    name: 'pulse after pulse, no noise',
    unit: 'update',
    against: 'pulse',
    nodes: NODES,
    rounds: 5_000,
    prepare: () => pulses({}),
  },
  {
    name: 'rest and pulse, no noise',
    unit: 'pair',
    against: 'rest-pulse',
    nodes: NODES,
    rounds: 3_000,
    prepare: () => pulses({ rests: true }),
  },
  {
    name: 'rest and pulse, noise kept as variance',
    unit: 'pair',
    against: 'rest-pulse-noise',
    nodes: NODES,
    rounds: 2_000,
    prepare: () => pulses({ rests: true, hasNoise: true }),
  },
  {
    name: 'rest and pulse, noise drawn, voltage seen',
    unit: 'pair',
    against: 'rest-pulse-noise',
    nodes: NODES,
    rounds: 2_000,
    prepare: () => pulses({ rests: true, hasNoise: true, isSeen: true }),
  },
  {
    name: 'slot: read, pulse, read, all noise',
    unit: 'pulse',
    against: 'slot',
    nodes: SLOT_CELLS,
    rounds: 16_000,
    prepare: () => {
      const chip = createChip({ preset: 'dam-a', cells: SLOT_CELLS });
      const wave: Wave = chip.wave(1, STEP_US);
      const slot = Array.from({ length: SLOT_CELLS }, (_, cell) => ({ cell, kind: 'SET', wave: 0 }) as const);
      const codes = new Int32Array(2 * SLOT_CELLS);
      return () => chip.emit(slot, () => wave, codes, 0);
    },
  },
];

/** Node updates a second of processor time of the mock's physics, beside the textbook form in C in turns with it. */
export const mock: Benchmark = {
  name: 'mock',
  summary: "node updates a second of the mock's physics, beside C",
  run: async (note) =>
    withFolder(async (folder) => {
      const textbook = compileTextbook(folder);
      const rows = cases.map((one): Row => {
        note(`mock: ${one.name} ...`);
        const { name, unit, against, nodes, rounds } = one;
        const here: number[] = [];
        const there: number[] = [];
        for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
          here.push(perSecond(one));
          there.push(textbook(against, nodes, rounds, STEP_US / US_PER_S, BOOST_V));
        }
        const [mockPerS, textbookPerS] = [median(here), median(there)];
        return { name, unit, mockPerS, textbookPerS, ratio: mockPerS / textbookPerS };
      });
      return {
        rows,
        columns: [
          text('what', 'name'),
          text('counted', 'unit'),
          { head: 'mock, M/s', show: ({ mockPerS }) => millions(mockPerS) },
          { head: 'C -O3, M/s', show: ({ textbookPerS }) => millions(textbookPerS) },
          number('ratio', 'ratio', 2),
        ],
      };
    }),
};

function perSecond({ prepare, nodes, rounds }: Case): number {
  const advance = prepare();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) advance();
  const { user, system } = process.cpuUsage(before);
  return (nodes * rounds) / ((user + system) / US_PER_S);
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

const millions = (perS: string | number | undefined): string => (Number(perS) / 1e6).toFixed(1);

function unknown(): never {
  throw new Error('dam-a is gone');
}
