import { cpuUsage } from 'node:process';
import { troubles } from '../../src/board/link-statistics.ts';
import type { ArrayReading } from '../../src/board/types.ts';
import type { ExecutedUpdate } from '../../src/scheduling/runner.ts';
import { parseAddress } from '../../src/transport/address.ts';
import type { Endpoint } from '../../src/transport/endpoint.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import { randomWork, waves } from './random-work.ts';
import { openRig, type Rig } from './rig.ts';
import { serveMock, UNPACED_BAUD } from './served-mock.ts';

const CELLS = 1024;
/** Between two readings of the chip; a reading costs the wire as much as a pulse of every cell. */
const UPDATES_PER_CELL = 16;
const SEED = 1;

/** What was moved while the clock ran. */
export interface Flow {
  readonly updatesPerS: number;
  readonly bytesOutPerS: number;
  readonly bytesInPerS: number;
  /** Of one core. */
  readonly cpuShare: number;
  /** What the link had to mend. */
  readonly troubles: number;
}

export interface FlowSettings {
  readonly folder: string;
  /** Pace of the wire; as fast as it goes where absent. */
  readonly baud: number | undefined;
  readonly leastS: number;
  /** What the host sees of the endpoint. */
  readonly through: (endpoint: Endpoint) => Endpoint;
}

/** Runs random updates on a mock of its own process, everything recorded. */
export async function measureFlow({ folder, baud, leastS, through }: FlowSettings): Promise<Flow> {
  const mock = await serveMock(folder, 'board', { baud, cells: CELLS, seed: SEED });
  try {
    const address = parseAddress(`serial:${mock.path}?baud=${baud ?? UNPACED_BAUD}`);
    const endpoint = through(await openEndpoint(address, { seed: SEED }));
    const rig = await openRig(endpoint, { folder, name: 'run', cells: CELLS, waves });
    const flow = await flowOf(rig, leastS);
    await rig.close();
    return flow;
  } finally {
    await mock.close();
  }
}

/** Steps for at least so long, after a short one that is not counted; the clock stops when all of them are on disk. */
async function flowOf({ board, runner, accountant, read }: Rig, leastS: number): Promise<Flow> {
  const nextStep = randomWork(SEED, CELLS);
  let step = 0;
  let updates = 0;
  let recording: Promise<void> = Promise.resolve();
  const record = async (step: number, executed: readonly ExecutedUpdate[], reading: Promise<ArrayReading>) =>
    accountant.record({ step, executed, reading: await reading, link: board.statistics });
  const take = async (updatesPerCell: number) => {
    step += 1;
    // The reading is only asked for when the next step begins: the board reads before it goes on pulsing.
    const asking = async () => ({ reading: read() });
    const [{ executed, following }] = await Promise.all([
      runner.executeThen(nextStep(updatesPerCell), step, asking),
      recording,
    ]);
    updates += executed.length;
    recording = record(step, executed, following.reading);
  };

  await take(1);
  await recording;
  updates = 0;
  const before = board.statistics;
  const cpuBefore = cpuUsage();
  const startMs = performance.now();
  do await take(UPDATES_PER_CELL);
  while (performance.now() - startMs < leastS * 1e3);
  await recording;
  const seconds = (performance.now() - startMs) / 1e3;
  const { user, system } = cpuUsage(cpuBefore);
  const after = board.statistics;
  return {
    updatesPerS: updates / seconds,
    bytesOutPerS: (after.bytesSent - before.bytesSent) / seconds,
    bytesInPerS: (after.bytesReceived - before.bytesReceived) / seconds,
    cpuShare: (user + system) / 1e6 / seconds,
    troubles: troubles.reduce((sum, name) => sum + after[name] - before[name], 0),
  };
}
