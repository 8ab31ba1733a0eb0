import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMockBoard, serveTcp } from '../../mocks/index.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import type { EpochPlan } from '../../src/training/epoch-plan.ts';
import { experimentFile } from '../support/experiment-file.ts';
import { fnloop, fnloopJson, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { contentOf } from '../support/run-content.ts';

interface PrintedPlan extends EpochPlan {
  readonly wire: {
    readonly bytes: { readonly toBoard: number; readonly toHost: number };
    readonly timeS: { readonly toBoard: number; readonly toHost: number } | null;
  };
}
const IDEAL = 'mock:dam-a?cells=64&noise=off&mismatch=off';
const plan = (...parameters: string[]) => fnloopJson<PrintedPlan>('plan', ...parameters);

describe('what is planned is what training then does', () => {
  test.each([
    ['breast-cancer', 1, 1],
    ['breast-cancer', 7, 1],
    ['breast-cancer-fast', 1, 1],
    ['breast-cancer-minibatch', 1, 10],
    ['breast-cancer-minibatch', 2, 10],
  ])('%s, seed %i: pulse by pulse over %i steps', async (name, seed, steps) => {
    const options = [name, '--board', IDEAL, '--seed', String(seed)];
    const { bringUp, training, wire, steps: planned } = await plan(...options);
    const run = await fnloopJson<RunSummary>(
      ...(['train', ...options, '--steps', String(steps), '--runs', temporaryFolder()] as const),
    );
    expect(planned).toBe(steps);
    // The board's codes are rounded: after the first step, a wish at the edge of a pulse may fall to either side.
    const apart = bringUp.pulses + training.pulses - run.pulses;
    expect(Math.abs(apart)).toBeLessThanOrEqual(steps === 1 ? 0 : 1);
    expect(bringUp.updates + training.updates - run.updates).toBe(apart);
    const total = (part: (from: EpochPlan['training']) => { readonly total: number }) =>
      part(bringUp).total + part(training).total;
    const share = 1 + apart / run.pulses;
    expect(total(({ energyFJ }) => energyFJ['full-cycle'])).toBeCloseTo(
      share * run.energyFJ['full-cycle'].total,
      6,
    );
    expect(total(({ energyFJ }) => energyFJ['half-cv2'])).toBeCloseTo(
      share * run.energyFJ['half-cv2'].total,
      6,
    );
    // Codes are steps of 1.2 uV, which is 1.2 aC.
    const tunneledFC = run.chargeFC.tunneled.total;
    expect(Math.abs(total(({ chargeFC }) => chargeFC.tunneled) - tunneledFC)).toBeLessThan(0.01 * tunneledFC);
    const { steps: rows } = await contentOf(dirname(run.file));
    const clipped = (rows as { readonly clipped: number }[]).reduce((sum, row) => sum + row.clipped, 0);
    expect(training.clipped).toBe(clipped);
    // The link says HELLO, and SAFE at the end, besides.
    const { bytesSent, bytesReceived } = run.link;
    expect(bytesSent - wire.bytes.toBoard).toBeLessThan(200);
    expect(bytesSent - wire.bytes.toBoard).toBeGreaterThan(20);
    expect(bytesReceived - wire.bytes.toHost).toBeGreaterThan(300);
    expect(bytesReceived - wire.bytes.toHost).toBeLessThan(700);
  });
});

test.each([
  ['constant-step', 'breast-cancer', 1],
  ['constant-step', 'breast-cancer-minibatch', 10],
  ['write-verify', 'breast-cancer', 1],
  ['write-verify', 'breast-cancer-minibatch', 10],
  ['write-verify', 'breast-cancer-fast', 1],
])('the plan of %s, rounds and all, is what training then does: %s over %i steps', async (policy, name, steps) => {
  const options = [name, '--board', IDEAL, '--policy', policy];
  const planned = await plan(...options);
  const run = await fnloopJson<RunSummary>(
    ...(['train', ...options, '--steps', String(steps), '--runs', temporaryFolder()] as const),
  );
  const { bringUp, training, wire } = planned;
  expect(planned).toMatchObject({ policy, steps, problems: [] });
  // Codes are rounded on the board: a weight at the edge of its tolerance may fall to either side of it.
  const allowed = steps === 1 ? 1 : 4;
  expect(Math.abs(bringUp.pulses + training.pulses - run.pulses)).toBeLessThanOrEqual(allowed);
  expect(Math.abs(bringUp.updates + training.updates - run.updates)).toBeLessThanOrEqual(allowed);
  if (policy === 'write-verify') expect(training.pulses).toBeGreaterThan(1.5 * training.updates);
  const { steps: rows } = await contentOf(dirname(run.file));
  const clipped = (rows as { readonly clipped: number }[]).reduce((sum, row) => sum + row.clipped, 0);
  expect(Math.abs(training.clipped - clipped)).toBeLessThanOrEqual(allowed);
  const plannedFJ = bringUp.energyFJ['full-cycle'].total + training.energyFJ['full-cycle'].total;
  expect(Math.abs(plannedFJ / run.energyFJ['full-cycle'].total - 1)).toBeLessThan(0.02);
  const plannedS = bringUp.boardTimeS + training.boardTimeS;
  expect(Math.abs(plannedS / run.boardTimeS - 1)).toBeLessThan(0.06);
  expect(Math.abs(wire.bytes.toHost / run.link.bytesReceived - 1)).toBeLessThan(0.15);
});

test('a plan changes nothing on the board, and leaves no trace', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const verbs = new Set<string>();
  const end = {
    receive: (bytes: string) => {
      for (const [, verb = ''] of bytes.matchAll(/#\d+ ([A-Z]+)/g)) verbs.add(verb);
      mock.receive(bytes);
    },
    onSend: (_: string) => {},
  };
  mock.onSend = (bytes) => end.onSend(bytes);
  const { port, close } = await serveTcp(end, { host: '127.0.0.1', port: 0 });
  const runs = temporaryFolder();
  try {
    await plan('breast-cancer', '--board', `tcp:127.0.0.1:${port}`, '--runs', runs);
    expect([...verbs].sort()).toEqual(['HELLO', 'READ']);
    expect(mock.totalPulses).toBe(0);
    expect(existsSync(join(runs, 'boards'))).toBe(false);
  } finally {
    await close();
  }
});

test('what would be refused is planned all the same, with all problems and status 4', async () => {
  const path = experimentFile({
    policy: { name: 'matched', amplitudeV: 6, baseWidthUs: 200_000, maxWidthUs: 2_000_000 },
    budget: { voltSecondsPerNode: 11 },
  });
  const { code, stdout, stderr } = await fnloop('plan', path, '--json');
  expect(code).toBe(4);
  const { problems, stress } = JSON.parse(stdout) as PrintedPlan;
  expect(stress[0]).toMatchObject({ name: 'highest amplitude', worst: 6, limit: 5 });
  expect(stderr).toMatch(
    /^error \(limit-exceeded\): Board dam-a:1 must not do this: \d+ problems\. Nothing was sent\./,
  );
  for (const problem of problems) expect(stderr).toContain(problem);
  expect(stderr).toContain('A pulse width of 1200000 us is beyond board dam-a:1');
  expect(stderr).toContain('more than the 11 of budget.voltSecondsPerNode');
  expect(await fnloop('plan', 'breast-cancer', '--board', 'mock:dam-a?cells=16')).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining('Task breast-cancer has 31 weights'),
  });
});

test('a budget counts what earlier runs did, and the wire has its pace', async () => {
  const path = join(temporaryFolder(), 'board');
  const { ready } = await startMock('--pty', path, '--cells', '64');
  const runs = temporaryFolder();
  const options = [
    experimentFile({ budget: { pulsesPerNode: 3 } }),
    '--board',
    ready.address,
    '--runs',
    runs,
  ];
  const before = await plan(...options);
  expect(before.problems).toEqual([]);
  expect(before.wire.timeS?.toHost).toBeCloseTo(before.wire.bytes.toHost / 11_520, 9);
  await fnloopJson('train', ...options, '--steps', '1');
  const after = await fnloop('plan', ...options);
  expect(after.code).toBe(4);
  expect(after.stdout).toContain('at 115200 baud');
  expect(after.stdout).toMatch(/most on a node \(pulses\) +│ 4 pulses +│ 3 pulses +│ 133 %/);
  expect(after.stderr).toMatch(
    /node [SR] of cell \d+ has had \d pulses, the plan adds \d: more than the 3 of budget/,
  );
});
