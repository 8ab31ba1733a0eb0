import type { RunReader } from '../../store/run-reader.ts';
import { boundColumn } from '../../store/tables.ts';
import type { RunListed } from '../routes/runs.ts';

/** One line of the list of runs, by one question to its file. */
export async function describeRun(run: RunReader): Promise<RunListed> {
  const { runId, status, source, experiment, board, startedWallNs } = run.manifest;
  const [row] = await run.query<
    Pick<RunListed, 'updates' | 'energyPerUpdateFJ' | 'matchedPerUpdateZJ' | 'testAccuracy'>
  >(`
    SELECT count(*) AS updates, avg(energy_full_cycle_fj) AS "energyPerUpdateFJ",
           avg(${boundColumn('matched')}) AS "matchedPerUpdateZJ",
           (SELECT test_accuracy FROM steps ORDER BY step DESC LIMIT 1) AS "testAccuracy"
    FROM updates`);
  return {
    runId,
    status,
    source,
    board: board.identity.boardId,
    task: experiment.task.name,
    policy: experiment.policy.name,
    startedWallNs: startedWallNs ?? null,
    testAccuracy: row?.testAccuracy ?? null,
    updates: row?.updates ?? 0,
    energyPerUpdateFJ: row?.energyPerUpdateFJ ?? null,
    matchedPerUpdateZJ: row?.matchedPerUpdateZJ ?? null,
    unreadable: null,
  };
}
