import { tableFromIPC } from 'apache-arrow';
import { expect, test } from 'vitest';
import type { CurvePoint } from '../../src/daemon/curve.ts';
import { routes } from '../../src/daemon/routes/index.ts';
import { tableForms } from '../../src/daemon/routes/runs.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { tableNames } from '../../src/store/tables.ts';
import { startApi } from '../support/daemon-api.ts';
import { fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

test('what a real run holds fits the declared answers, in every form', async () => {
  const runs = temporaryFolder();
  const run = await fnloopJson<{ runId: string; updates: number }>(
    ...['train', 'breast-cancer', '--steps', '10', '--runs', runs],
  );
  const { call, ask } = await startApi({ runs });
  expect((await call(routes.listRuns)).answer).toMatchObject([{ runId: run.runId, status: 'finished' }]);
  const { answer } = await call(routes.oneRun, { run: run.runId });
  expect(answer).toMatchObject({ updates: run.updates, hasReport: true, faults: [] });
  expect((await call(routes.bounds, {}, { query: '?model=gpt-3&run=last' })).status).toBe(200);
  expect((await ask('GET', '/api/v1/runs/last/report')).status).toBe(200);
  for (const figure of (answer as { figures: string[] }).figures)
    expect((await ask('GET', `/api/v1/runs/last/figures/${figure}`)).status).toBe(200);

  const { answer: curve } = await call(routes.runCurve, { run: 'last' });
  const { energyFJ, bounds, accuracy } = answer as RunSummary;
  expect((curve as CurvePoint[]).map(({ step }) => step)).toEqual([...Array(11).keys()]);
  // The end of the course is the result of the run.
  expect((curve as CurvePoint[]).at(-1)).toEqual({
    step: 10,
    trainAccuracy: accuracy.train,
    testAccuracy: accuracy.test,
    updatesSoFar: run.updates,
    energyPerUpdateFJ: expect.closeTo(energyFJ['full-cycle'].mean ?? 0, 9),
    boundsPerUpdateZJ: Object.fromEntries(
      Object.entries(bounds).map(([name, { perUpdateZJ }]) => [name, expect.closeTo(perUpdateZJ ?? 0, 6)]),
    ),
  });

  for (const table of tableNames) {
    expect((await call(routes.runTable, { run: 'last', table })).status).toBe(200);
    for (const form of tableForms) {
      const response = await ask('GET', `/api/v1/runs/last/tables/${table}?form=${form}`);
      expect(response.status).toBe(200);
      const bytes = await response.arrayBuffer();
      if (table === 'updates' && form === 'arrow') expect(tableFromIPC(bytes).numRows).toBe(run.updates);
    }
  }
});

test('a real plan fits the declared answer', async () => {
  const {
    address: _,
    wire: __,
    ...plan
  } = await fnloopJson<Record<string, unknown>>('plan', 'breast-cancer');
  expect(routes.planExperiment.answer.safeParse(plan).error).toBeUndefined();
});
