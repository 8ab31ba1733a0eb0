import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CalibrationFile, calibrationsFolder, openCalibration } from '../../chip/calibration-file.ts';
import type { Clock } from '../../core/clock.ts';
import { FnloopError } from '../../core/errors.ts';
import type { CalibrationListed, calibrationRoutes } from '../routes/calibrations.ts';
import { type Handlers, invalid } from './mount.ts';

type Known = Omit<CalibrationFile['calibration'], 'points'>;

/** The calibrations beside the runs, each read once, without its raw points, until its file changes. */
export class CalibrationShelf {
  readonly #folder: string;
  readonly #read = new Map<string, { readonly stamp: string; readonly known: Known | FnloopError }>();

  constructor(runsFolder: string) {
    this.#folder = calibrationsFolder(runsFolder);
  }

  names(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .sort();
  }

  /** The file of a calibration of the daemon. Throws `config-invalid` for any other name. */
  fileOf(name: string): string {
    const names = this.names();
    if (names.includes(name)) return join(this.#folder, `${name}.json`);
    throw invalid('experiment', [
      `calibration is none of this daemon's: ${names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`}`,
    ]);
  }

  /** What a file says, or why it cannot be used. Throws `not-found`. */
  known(name: string): Known | FnloopError {
    if (!this.names().includes(name))
      throw new FnloopError('not-found', 'This daemon has no calibration of that name.');
    const file = join(this.#folder, `${name}.json`);
    const { mtimeMs, size } = statSync(file);
    const stamp = `${mtimeMs} ${size}`;
    const before = this.#read.get(name);
    if (before?.stamp === stamp) return before.known;
    const known = read(file);
    this.#read.set(name, { stamp, known });
    return known;
  }
}

function read(file: string): Known | FnloopError {
  try {
    const { points: _, ...known } = openCalibration(file).calibration;
    return known;
  } catch (error) {
    if (error instanceof FnloopError) return error;
    throw error;
  }
}

export const calibrationHandlers = (
  shelf: CalibrationShelf,
  clock: Clock,
): Handlers<typeof calibrationRoutes> => ({
  listCalibrations: () => shelf.names().map((name) => listed(name, shelf.known(name), clock.wallNs())),
  oneCalibration: ({ params }) => {
    const known = shelf.known(params.calibration);
    if (known instanceof FnloopError) throw known;
    return known;
  },
});

function listed(name: string, known: Known | FnloopError, nowNs: bigint): CalibrationListed {
  if (known instanceof FnloopError)
    return {
      name,
      boardId: '',
      device: '',
      measuredToWallNs: '0',
      expiresWallNs: '0',
      isExpired: true,
      nodes: 0,
      goodNodes: 0,
      unusable: known.message,
    };
  const { board, device, measured, expiresWallNs, nodes } = known;
  return {
    name,
    boardId: board.boardId,
    device,
    measuredToWallNs: measured.toWallNs,
    expiresWallNs,
    isExpired: nowNs >= BigInt(expiresWallNs),
    nodes: nodes.length,
    goodNodes: nodes.filter(({ verdict }) => verdict === 'good').length,
    unusable: null,
  };
}
