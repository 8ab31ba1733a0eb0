import { FnloopError } from '../core/errors.ts';
import { committedRows, rowsWaiting } from './chunks.ts';
import { quoted } from './line-protocol.ts';
import { savedPlaces } from './logbook.ts';
import { INFLUX_SCHEMA_VERSION } from './measurements.ts';

/** Someone who can ask a run file. */
interface Asked {
  query<T>(sql: string): Promise<T[]>;
}

/** How the shipping of a run stands, by its own file. */
export interface ShippingState {
  /** Name of the database. */
  readonly target: string;
  /** Rows that are not known to have arrived. */
  readonly waiting: number;
  /** Points that the database refused, with the first of its reasons. */
  readonly setAside: number;
  readonly reason: string | null;
}

export async function shippingState(run: Asked, target: string): Promise<ShippingState> {
  const [committed, places] = [await committedRows(run), await savedPlaces(run, target)];
  const [refused] = await run.query<Pick<ShippingState, 'setAside' | 'reason'>>(
    `SELECT count(*) AS "setAside", min_by(reason, rowid) AS reason FROM set_aside
     WHERE target = ${quoted(target)} AND schema = ${INFLUX_SCHEMA_VERSION}`,
  );
  return {
    target,
    waiting: rowsWaiting(committed, places),
    setAside: refused?.setAside ?? 0,
    reason: refused?.reason ?? null,
  };
}

/** How it stands with every target that the file knows of. */
export async function shippingStates(run: Asked): Promise<ShippingState[]> {
  const targets = await run.query<{ target: string }>(
    `SELECT DISTINCT target FROM (SELECT target, schema FROM shipped UNION ALL SELECT target, schema FROM set_aside)
     WHERE schema = ${INFLUX_SCHEMA_VERSION} ORDER BY target`,
  );
  const states: ShippingState[] = [];
  for (const { target } of targets) states.push(await shippingState(run, target));
  return states;
}

/** Throws `points-refused` where points of a run were set aside. */
export function assertNothingRefused({ setAside, target, reason }: ShippingState, runId: string): void {
  if (setAside === 0) return;
  const points = setAside === 1 ? '1 point' : `${setAside} points`;
  throw new FnloopError(
    'points-refused',
    `${target} refused ${points} of run ${runId}: ${reason}. Table set_aside of the run file has them.`,
  );
}
