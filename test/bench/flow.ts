import { cpuUsage } from 'node:process';
import { parseAddress } from '../../src/transport/address.ts';
import type { Endpoint } from '../../src/transport/endpoint.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import type { FinishedStep } from './accountant.ts';
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

/** Steps for at least so long, after one that is not counted; the clock stops when all of them are on disk. */
async function flowOf({ board, runner, accountant, read }: Rig, leastS: number): Promise<Flow> {
  const nextStep = randomWork(SEED, CELLS, UPDATES_PER_CELL);
  let step = 0;
  let updates = 0;
  let recording: Promise<void> = Promise.resolve();
  const stepped = async (step: number): Promise<FinishedStep> => {
    const { executed, following } = await runner.executeThen(nextStep(), step, read);
    return { step, executed, reading: following, link: board.statistics };
  };
  const take = async () => {
    step += 1;
    // The step before has all the time of this one to get to disk.
    const [finished] = await Promise.all([stepped(step), recording]);
    updates += finished.executed.length;
    recording = accountant.record(finished);
  };

  await take();
  await recording;
  updates = 0;
  const before = board.statistics;
  const cpuBefore = cpuUsage();
  const startMs = performance.now();
  do await take();
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
  };
}
