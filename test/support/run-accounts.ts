import { RunReader } from '../../src/store/run-reader.ts';

/** What has to hold of a finished run, however often it was cut. */
export const accountsOf = (folder: string) =>
  RunReader.with(folder, async (run) => {
    const [sums] = await run.query<Record<string, number>>(`
      SELECT (SELECT count(*) FROM pulses) AS pulses, (SELECT sum(pulses)::BIGINT FROM updates) AS "pulsesOfUpdates",
             (SELECT sum(pulses)::BIGINT FROM steps) AS "pulsesOfSteps", (SELECT sum(updates)::BIGINT FROM steps) AS "updatesOfSteps",
             (SELECT count(*) FROM updates) AS updates, (SELECT count(DISTINCT update_id) FROM updates) AS "differentUpdates",
             (SELECT count(*) FROM generate_series(1, (SELECT max(update_id) FROM updates)) AS ids (id)
              WHERE id NOT IN (SELECT update_id FROM updates) AND id NOT IN (
                SELECT unnest(update_ids::BIGINT[]) FROM intents JOIN outcomes USING (intent) WHERE verdict = 'unrun'
              )) AS "lostUpdates",
             (SELECT count(*) FROM pulses ANTI JOIN updates USING (update_id)) AS "unaccounted",
             (SELECT count(*) FROM intents ANTI JOIN outcomes USING (intent)) AS open,
             (SELECT count(*) FROM (SELECT time_ns <= lag(time_ns) OVER (ORDER BY time_ns) AS again FROM updates) WHERE again) AS "sameTimes"`);
    const epochs = await run.query<{ step: number; epoch: number }>(
      'SELECT step, epoch FROM steps ORDER BY step',
    );
    return { sums, epochs: epochs.map(({ step, epoch }) => `${step} in ${epoch}`) };
  });
