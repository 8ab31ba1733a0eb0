import { matched } from '../../src/training/policies/matched.ts';
import { parseAddress } from '../../src/transport/address.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import { BareClient } from './bare-client.ts';
import { type Benchmark, number, type Row, text } from './benchmark.ts';
import { withFolder } from './folder.ts';
import { recorded } from './recorded.ts';
import { DEVICE, openRig } from './rig.ts';
import { serveMock, UNPACED_BAUD } from './served-mock.ts';
import { SyntheticGradient } from './synthetic-gradient.ts';

const CELLS = 1024;
const SEED = 1;
const STEPS = 40;
const WARM_UP_STEPS = 5;
const TARGET_MS = 3;

const US_PER_S = 1e6;

const wires = [
  { name: '1,000,000 baud', baud: 1_000_000 },
  { name: 'unpaced', baud: undefined },
] as const;
type Wire = (typeof wires)[number];

/** Lines of one step: those of a phase are sent at once, after all replies to the phase before. */
type Phases = string[][];

interface Recording {
  /** What was sent before the first step, one line at a time. */
  readonly prologue: readonly string[];
  readonly steps: readonly Phases[];
  readonly stepMs: readonly number[];
  readonly window: number;
  /** From the first line to the end of the last step. */
  readonly bytesReceived: number;
}

/** One step of a closed loop on all cells, beside a client that sends the same lines and does nothing else. */
export const loop: Benchmark = {
  name: 'loop',
  summary: 'host time that a closed loop adds to a step',
  run: async (note) => {
    const rows: Row[] = [];
    for (const wire of wires) {
      note(`loop: ${wire.name} ...`);
      const recording = await withFolder((folder) => closedLoop(folder, wire));
      note(`loop: ${wire.name}, the same lines alone ...`);
      const bareMs = await withFolder((folder) => linesAlone(folder, wire, recording));
      rows.push(rowOf(wire, recording.stepMs, bareMs));
    }
    return {
      rows,
      columns: [
        text('wire', 'wire'),
        number('steps', 'steps', 0),
        number('step, ms', 'stepMs', 2),
        number('wire and board alone, ms', 'bareMs', 2),
        number('host adds, ms', 'addedMs', 2),
        number('at most', 'targetMs', 0),
        number('90 % below, ms', 'added90Ms', 2),
        number('ratio', 'ratio', 3),
      ],
    };
  },
};

function rowOf({ name }: Wire, stepMs: readonly number[], bareMs: readonly number[]): Row {
  const addedMs = stepMs.map((ms, step) => ms - (bareMs[step] ?? 0));
  return {
    wire: name,
    steps: stepMs.length,
    stepMs: quantile(stepMs, 0.5),
    bareMs: quantile(bareMs, 0.5),
    addedMs: quantile(addedMs, 0.5),
    added90Ms: quantile(addedMs, 0.9),
    targetMs: TARGET_MS,
    ratio: quantile(stepMs, 0.5) / quantile(bareMs, 0.5),
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
}

/** Read all, wish, policy, plan, commit, pulse every cell, read all; a step is recorded while the next one goes on. */
async function closedLoop(folder: string, { baud }: Wire): Promise<Recording> {
  const mock = await serveMock(folder, 'board', { baud, cells: CELLS, seed: SEED });
  try {
    const prologue: string[] = [];
    let phase = prologue;
    const address = parseAddress(`serial:${mock.path}?baud=${baud ?? UNPACED_BAUD}`);
    const endpoint = recorded(await openEndpoint(address, { seed: SEED }), (line) => phase.push(line));
    const policy = matched({ name: 'matched', amplitudeV: 0.2236, baseWidthUs: 10_000, maxWidthUs: 640_000 });
    const [shortest, longest] = [policy.waves[0], policy.waves.at(-1)];
    if (shortest === undefined || longest === undefined) throw new Error('the policy has no waves');
    const rig = await openRig(endpoint, { folder, name: 'run', cells: CELLS, waves: policy.waves });
    const gradient = new SyntheticGradient(rig.board.identity, DEVICE, shortest, longest);
    const steps: Phases[] = [];
    const stepMs: number[] = [];
    let updates = 0;
    let previousUs = 0;
    let recording: Promise<void> = Promise.resolve();

    const take = async (step: number) => {
      const phases: Phases = [[], [], []];
      const enter = (index: number) => {
        phase = phases[index] ?? [];
      };
      steps.push(phases);
      enter(0);
      const before = await rig.read();
      const changes = gradient.at(before, (before.boardTimeUs - previousUs) / US_PER_S);
      previousUs = before.boardTimeUs;
      enter(1);
      const { updates: proposed } = policy.propose(changes);
      if (proposed.length !== CELLS) throw new Error(`${proposed.length} updates, expected ${CELLS}`);
      const { executed, following } = await rig.runner.executeThen(
        proposed.map((update) => {
          updates += 1;
          return { ...update, update: updates };
        }),
        step,
        () => {
          enter(2);
          return rig.read();
        },
      );
      return {
        step,
        executed,
        reading: following,
        wanted: new Map(changes.map((change) => [change.cell, change])),
        link: rig.board.statistics,
      };
    };

    for (let step = 1; step <= WARM_UP_STEPS + STEPS; step += 1) {
      const startMs = performance.now();
      const [finished] = await Promise.all([take(step), recording]);
      stepMs.push(performance.now() - startMs);
      recording = rig.accountant.record(finished);
    }
    phase = [];
    await recording;
    const { bytesReceived } = rig.board.statistics;
    const { window } = rig.board.identity;
    await rig.close();
    return { prologue, steps, stepMs: stepMs.slice(WARM_UP_STEPS), window, bytesReceived };
  } finally {
    await mock.close();
  }
}

/** A fresh mock of the same seed answers the same lines alike. */
async function linesAlone(
  folder: string,
  { baud }: Wire,
  { prologue, steps, window, bytesReceived }: Recording,
): Promise<number[]> {
  const mock = await serveMock(folder, 'board', { baud, cells: CELLS, seed: SEED });
  try {
    const client = await BareClient.open(mock.path, baud ?? UNPACED_BAUD);
    await client.exchange(prologue, 1);
    const stepMs: number[] = [];
    for (const phases of steps) {
      const startMs = performance.now();
      for (const lines of phases) await client.exchange(lines, window);
      stepMs.push(performance.now() - startMs);
    }
    await client.close();
    if (client.bytesReceived !== bytesReceived)
      throw new Error(
        `${client.bytesReceived} bytes were answered, expected the ${bytesReceived} of the loop`,
      );
    return stepMs.slice(WARM_UP_STEPS);
  } finally {
    await mock.close();
  }
}
