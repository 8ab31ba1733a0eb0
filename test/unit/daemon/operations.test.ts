import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Subject } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { DiskGuard, freeBytes } from '../../../src/daemon/disk-guard.ts';
import { EventLoopDelay } from '../../../src/daemon/event-loop.ts';
import { healthOf } from '../../../src/daemon/health.ts';
import { jobEnd } from '../../../src/daemon/job-end.ts';
import type { BoardStatus, Job, LabEvent } from '../../../src/daemon/lab.ts';
import { DaemonMetrics } from '../../../src/daemon/metrics.ts';
import { ServiceNotice } from '../../../src/daemon/notify.ts';
import { allowedExperiment } from '../../../src/daemon/submission.ts';
import { experimentOf } from '../../support/daemon.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** Prints each datagram that reaches a socket as JSON: Node has no such sockets. */
const SOCKET = `
import json, socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print(json.dumps('bound'), flush=True)
while True:
    print(json.dumps(heard.recv(4096).decode()), flush=True)
`;

test('systemd is told that the daemon is ready, alive as long as it is well, and that it ends', async () => {
  const path = join(temporaryFolder(), 'notify');
  const stand = spawn('python3', ['-c', SOCKET, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void stand.kill('SIGKILL'));
  const heard: string[] = [];
  const lines = createInterface({ input: stand.stdout });
  await once(lines, 'line');
  lines.on('line', (line) => heard.push(JSON.parse(line) as string));
  const hears = async (text: string) => {
    while (!heard.join('\n').includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const environment = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' };
  let isWell = true;
  const warned: string[] = [];
  const notice = new ServiceNotice(environment, (text) => warned.push(text));
  notice.ready(() => isWell);
  await hears('READY=1');
  await hears('WATCHDOG=1');
  isWell = false;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = heard.length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(heard.length).toBe(before);
  notice.stopping();
  await hears('STOPPING=1');
  expect(heard.join('\n')).toContain(`MAINPID=${process.pid}`);
  expect(warned).toEqual([]);
});

test('without systemd nobody is told anything', () => {
  const warned: string[] = [];
  const notice = new ServiceNotice({}, (text) => warned.push(text));
  notice.ready(() => true);
  notice.stopping();
  expect(warned).toEqual([]);
});

test('the unit has what the daemon needs: readiness, a watchdog, signals, a stop that waits for it', () => {
  const unit = readFileSync(join(import.meta.dirname, '../../../src/daemon/fnloop.service'), 'utf8');
  for (const line of [
    'Type=notify',
    'NotifyAccess=all',
    'KillMode=mixed',
    'ExecReload=/bin/kill -HUP $MAINPID',
    'ProtectSystem=strict',
    'NoNewPrivileges=yes',
  ])
    expect(unit).toContain(`\n${line}\n`);
  // Either would keep the boards' own device files away.
  expect(unit).not.toMatch(/^(PrivateDevices|ProtectClock)=/m);
  expect(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1])).toBeGreaterThan(5);
});

test('a disk that fills halts runs, and lets them go on a little later than it halted them', async () => {
  let free = 10e9;
  const told: (string | undefined)[] = [];
  const guard = new DiskGuard({
    folder: '/data',
    leastFreeGB: () => 1,
    free: async () => {
      if (Number.isNaN(free)) throw new Error('it is gone');
      return free;
    },
    onChange: (reason) => told.push(reason),
  });
  for (const bytes of [10e9, 0.99e9, 1.05e9, 1.11e9, Number.NaN]) {
    free = bytes;
    await guard.look();
  }
  const low = 'Less than 1 GB are free in /data.';
  expect(told).toEqual([
    undefined,
    low,
    low,
    undefined,
    'The space left in /data cannot be told: it is gone.',
  ]);
  expect(await freeBytes(temporaryFolder())).toBeGreaterThan(0);
});

const board = (name: string, state: BoardStatus['state']): BoardStatus => ({
  name,
  address: 'mock:dam-a',
  state,
  reason: state === 'fault' ? 'It talks garbage.' : null,
  sinceWallNs: '1',
  identity: null,
  job: null,
  session: null,
  temperatureK: 300,
  link: null,
});

test('an absent board is healthy, one with a fault is not, nor a full disk or a late event loop', () => {
  const well = { boards: [board('b0', 'absent'), board('b1', 'ready')], halt: undefined, eventLoopP99Ms: 3 };
  expect(healthOf(well)).toEqual({ isWell: true, reasons: [] });
  expect(healthOf({ boards: [board('b0', 'fault')], halt: 'Full.', eventLoopP99Ms: 2_000 })).toEqual({
    isWell: false,
    reasons: ['Full.', 'The event loop is 2000 ms late.', 'Board b0 has a fault: It talks garbage.'],
  });
});

test('metrics count boards and jobs by state, and what their runs do', async () => {
  const events$ = new Subject<LabEvent>();
  const progress = {
    ...{ step: 3, steps: 9, updates: 90, testAccuracy: 0.9, energyPerUpdateFJ: 8, boundsPerUpdateZJ: {} },
    ...{ updatesPerS: 450, backlogRows: 7 },
  };
  const job = {
    ...{ id: 'j1', board: 'b0', experiment: experimentOf(9), state: 'running' as const, reason: null },
  };
  const jobs: Job[] = [{ ...job, runId: 'r1', askedBy: 'me', askedWallNs: '1', progress }];
  const lab = { boards: () => [board('b0', 'running'), board('b1', 'absent')], jobs: () => jobs, events$ };
  const eventLoop = new EventLoopDelay();
  onTestFinished(() => eventLoop.stop());
  const metrics = new DaemonMetrics({ lab, eventLoop, freeBytes: () => 5e9 });
  const update = { update: 1, cell: 0, kind: 'SET' as const, energyFJ: 2e12, weightAfterV: 0 };
  events$.next({ kind: 'updates', board: 'b0', runId: 'r1', updates: [update, update] });
  const text = await metrics.text();
  for (const line of [
    'fnloop_boards{state="running"} 1',
    'fnloop_boards{state="absent"} 1',
    'fnloop_boards{state="fault"} 0',
    'fnloop_jobs{state="running"} 1',
    'fnloop_updates_per_second{board="b0"} 450',
    'fnloop_backlog_rows{board="b0"} 7',
    'fnloop_updates_total{board="b0"} 2',
    'fnloop_update_energy_joules_total{board="b0"} 0.004',
    'fnloop_disk_free_bytes 5000000000',
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).toMatch(/fnloop_event_loop_delay_seconds\{quantile="0.99"\} \d/);
  expect(text).toMatch(/fnloop_resident_memory_bytes \d/);
});

test('what a run ended with decides whether it can be gone on with, and whether the board is at fault', () => {
  const circumstances = { wasStopped: false, hasBegun: true, otherwise: 'Why.' };
  const failed = (code: 'link-lost' | 'limit-exceeded' | 'chip-unfit', changes: object = {}) =>
    jobEnd(
      { status: 'failed', error: { code, message: 'M.', problems: ['P.'] } },
      { ...circumstances, ...changes },
    );
  expect(failed('link-lost')).toEqual({
    state: 'interrupted',
    reason: 'M. P.',
    code: 'link-lost',
    fault: null,
  });
  expect(failed('limit-exceeded')).toMatchObject({ state: 'failed', reason: 'M. P.', fault: null });
  expect(failed('chip-unfit')).toMatchObject({ state: 'failed', reason: 'M. P.', fault: 'M.' });
  // Without a file there is nothing to go on with.
  expect(failed('link-lost', { hasBegun: false }).state).toBe('queued');
  expect(failed('limit-exceeded', { hasBegun: false }).state).toBe('failed');
  const ended = (status: 'finished' | 'interrupted', wasStopped: boolean) =>
    jobEnd({ status, error: null }, { ...circumstances, wasStopped });
  expect(ended('finished', true).state).toBe('finished');
  expect(ended('interrupted', true).state).toBe('stopped');
  expect(ended('interrupted', false)).toEqual({ state: 'interrupted', reason: 'Why.', fault: null });
});

test('a job has the address and calibration of its board, and of each limit the lower', () => {
  const settings = {
    ...{
      address: 'serial:/dev/board',
      runs: '/runs',
      device: 'dam-a',
      calibration: '/c.json',
      patienceMs: 1,
    },
    budget: { pulsesPerNode: 100, chargeFCPerNode: 5 },
  };
  const asked = experimentOf(3, { budget: { pulsesPerNode: 1_000, voltSecondsPerNode: 7 } });
  expect(allowedExperiment(asked, 'b0', settings)).toMatchObject({
    board: 'serial:/dev/board',
    calibration: '/c.json',
    budget: { pulsesPerNode: 100, chargeFCPerNode: 5, voltSecondsPerNode: 7 },
  });
  expect(() => allowedExperiment({ ...asked, calibration: '/other' }, 'b0', settings)).toThrow('is named in');
  // A board without a calibration of its own takes one of the daemon's folder, and none from elsewhere.
  const { calibration: _, ...uncalibrated } = settings;
  const named = (calibration: string) => allowedExperiment({ ...asked, calibration }, 'b0', uncalibrated);
  expect(named('/runs/calibrations/c.json').calibration).toBe('/runs/calibrations/c.json');
  for (const file of ['/etc/passwd', '/runs/calibrations/../c.json', '/runs/calibrations/deep/c.json'])
    expect(() => named(file)).toThrow('is named in');
  expect(() => allowedExperiment({ ...asked, seed: -1 }, 'b0', settings)).toThrow(
    'The experiment has problems',
  );
  expect(() => allowedExperiment(asked, 'b0', { ...settings, device: 'dam-b' })).toThrow(
    'a chip of kind dam-b',
  );
});
