import { existsSync } from 'node:fs';
import { openCalibration } from '../../chip/calibration-file.ts';
import { FnloopError } from '../../core/errors.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { Holder } from './board-holder.ts';

/**
 * The name by which the daemon knows a calibration that was named here, by file or by that name: the same board, measured at the same
 * time. Rejects with `usage` where it has no such, and as `openCalibration`.
 */
export async function daemonCalibration(
  { daemon }: Holder,
  named: string | undefined,
): Promise<string | undefined> {
  if (named === undefined) return undefined;
  const all = await daemon.ask(routes.listCalibrations);
  if (!existsSync(named) && all.some(({ name }) => name === named)) return named;
  const { board, measured, expiresWallNs } = openCalibration(named).calibration;
  const found = all.find(
    (each) =>
      each.boardId === board.boardId &&
      each.measuredToWallNs === measured.toWallNs &&
      each.expiresWallNs === expiresWallNs,
  );
  if (found !== undefined) return found.name;
  const names = all.map(({ name }) => name).join(', ');
  throw new FnloopError(
    'usage',
    `The daemon at ${daemon.url} does not have the calibration ${named}, and opens no file of others; it has ${names || 'none'}.`,
  );
}
