import { join } from 'node:path';
import { devices } from '../../calibration/devices.ts';
import { Board } from '../../src/board/board.ts';
import { convertersOf } from '../../src/board/converters.ts';
import type { ArrayReading, DefinedWave, Wave } from '../../src/board/types.ts';
import { nominalChip } from '../../src/chip/chip-model.ts';
import { accountingSchema } from '../../src/config/experiment.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Ledger } from '../../src/ledger/account.ts';
import { UpdateBounds } from '../../src/ledger/bounds.ts';
import { Runner } from '../../src/scheduling/runner.ts';
import { CellWitness } from '../../src/settling/cell-witness.ts';
import { RunFile } from '../../src/store/run-file.ts';
import type { Endpoint } from '../../src/transport/endpoint.ts';
import { Accountant } from './accountant.ts';

/** Everything of a run but its task: a board that is armed, a run file on disk, and who accounts for it. */
export interface Rig {
  readonly board: Board;
  readonly runner: Runner;
  readonly accountant: Accountant;
  /** All cells, and takes note of them. */
  read(): Promise<ArrayReading>;
  close(): Promise<void>;
}

export interface RigSettings {
  readonly folder: string;
  readonly name: string;
  readonly cells: number;
  readonly waves: readonly Wave[];
}

export const DEVICE = 'dam-a';

/** Connects, records the manifest and waves, reads the chip once and arms it. */
export async function openRig(endpoint: Endpoint, { folder, name, cells, waves }: RigSettings): Promise<Rig> {
  const clock = systemClock;
  const device = devices[DEVICE];
  if (device === undefined) throw new Error(`there is no device ${DEVICE}`);
  const board = await Board.connect(endpoint, { clock });
  const runFile = await RunFile.create(join(folder, name), clock);
  await runFile.begin({ runId: name, source: board.identity.source });
  await board.claim();
  const defined = new Map<number, DefinedWave>();
  for (const wave of await board.define(waves)) defined.set(wave.wave, wave);
  await runFile.waves([...defined.values()]);
  const witness = new CellWitness(board, nominalChip(device), defined);
  const converters = convertersOf(board.identity);
  const accounting = {
    ledger: new Ledger(nominalChip(device), converters),
    waves: defined,
    bounds: new UpdateBounds(accountingSchema.parse(undefined)),
  };
  const accountant = new Accountant({ runFile, accounting, converters, clock, cells });
  accountant.begin(await witness.refresh());
  await board.arm();
  return {
    board,
    runner: new Runner({ board, journal: runFile, witness, gapUs: 0 }),
    accountant,
    read: () => witness.refresh(),
    close: async () => {
      await board.close();
      await runFile.end('finished', board.statistics);
    },
  };
}
