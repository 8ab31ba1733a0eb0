import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CalibrationFile, calibrationsFolder } from '../../chip/calibration-file.ts';
import type { Clock } from '../../core/clock.ts';
import { FnloopError } from '../../core/errors.ts';
import type { CalibrationListed, calibrationRoutes } from '../routes/calibrations.ts';
import { invalid } from './body.ts';
import type { Handlers } from './mount.ts';
import type { ReadingRoom } from './reading-room.ts';

type Known = Omit<CalibrationFile['calibration'], 'points'>;

/** The calibrations beside the runs, each read once, without its raw points, until its file changes. */
export class CalibrationShelf {
  readonly #folder: string;
  readonly #room: ReadingRoom;
  readonly #read = new Map<
    string,
    { readonly stamp: string; readonly known: Promise<Known | FnloopError> }
  >();

  constructor(runsFolder: string, room: ReadingRoom) {
    this.#folder = calibrationsFolder(runsFolder);
    this.#room = room;
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

  /** What a file says, or why it cannot be used. Rejects with `not-found`, and `too-many`. */
  async known(name: string): Promise<Known | FnloopError> {
    if (!this.names().includes(name))
      throw new FnloopError('not-found', 'This daemon has no calibration of that name.');
    const file = join(this.#folder, `${name}.json`);
    const { mtimeMs, size } = statSync(file);
    const stamp = `${mtimeMs} ${size}`;
    const before = this.#read.get(name);
    if (before?.stamp === stamp) return before.known;
    const known = this.#knownOf(file);
    this.#read.set(name, { stamp, known });
    // What could not be read now is read when it is asked for again.
    known.catch(() => this.#read.delete(name));
    return known;
  }

  async #knownOf(file: string): Promise<Known | FnloopError> {
    try {
      // The thread has read it by the schema.
      return (await this.#room.read({ kind: 'calibration', file })) as Known;
    } catch (error) {
      if (error instanceof FnloopError && error.code !== 'too-many') return error;
      throw error;
    }
  }
}

export const calibrationHandlers = (
  shelf: CalibrationShelf,
  clock: Clock,
): Handlers<typeof calibrationRoutes> => ({
  listCalibrations: async () => {
    const found: CalibrationListed[] = [];
    for (const name of shelf.names()) found.push(listed(name, await shelf.known(name), clock.wallNs()));
    return found;
  },
  oneCalibration: async ({ params }) => {
    const known = await shelf.known(params.calibration);
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
