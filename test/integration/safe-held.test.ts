import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createMockBoard, servePty, serveTcp, type WireEnd } from '../../mocks/index.ts';
import { daemonConfig, experimentOf, labOf, startDaemon, until } from '../support/daemon.ts';
import { fnloop, fnloopJson, inEnvironment, startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { childrenOf } from '../support/processes.ts';

const LONG = 120_000;
const NOWHERE = 'http://127.0.0.1:9';

beforeEach(() => inEnvironment({ FNLOOP_DAEMON: NOWHERE }));

interface Held {
  readonly address: string;
  /** Pulses that it has emitted. */
  pulses(): number;
  /** Lines that came to it with a word in them. */
  heard(word: string): number;
  isArmed(): boolean;
}

const kinds = ['pty', 'tcp'] as const;

/** A mock of this process at an address for others, whose wire the test hears. */
async function mockAt(kind: (typeof kinds)[number]): Promise<Held> {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  let text = '';
  const end: WireEnd = {
    onSend: () => {},
    receive: (bytes) => {
      text += bytes;
      mock.receive(bytes);
    },
  };
  mock.onSend = (bytes) => end.onSend(bytes);
  const heard = (word: string) => text.split(`${word}`).length - 1;
  const isArmed = () => mock.isArmed;
  const pulses = () => mock.totalPulses;
  if (kind === 'tcp') {
    const { port, close } = await serveTcp(end, { host: '127.0.0.1', port: 0 });
    onTestFinished(close);
    return { address: `tcp:127.0.0.1:${port}`, heard, isArmed, pulses };
  }
  const { path, close } = await servePty(end, join(temporaryFolder(), 'board'));
  onTestFinished(close);
  return { address: `serial:${path}`, heard, isArmed, pulses };
}

interface Rested {
  readonly holders: readonly {
    readonly process: number;
    readonly command: string;
    readonly run: string | null;
  }[];
}

/** SAFE from a process of its own: who confirmed it. It came over the wire of the one that holds the port. */
async function safeAt({ address, heard }: Held) {
  const before = heard(' SAFE');
  const rested = await fnloopJson<Rested>('safe', '--board', address);
  expect(rested).toMatchObject({ address, boardId: 'dam-a:1', isAtRest: true });
  expect(heard(' SAFE')).toBeGreaterThan(before);
  return rested.holders;
}

const LONG_TRAINING = ['breast-cancer', '--steps', '100000'];

test.each(
  kinds.flatMap((kind) => [
    { kind, command: 'train', more: LONG_TRAINING },
    { kind, command: 'calibrate', more: [] },
    { kind, command: 'soak', more: ['--updates', '100000000'] },
    { kind, command: 'compare', more: [...LONG_TRAINING, '--seeds', '1'] },
  ]),
)('$command on $kind has its board brought to rest for another process, and ends by that', {
  timeout: LONG,
}, async ({ kind, command, more }) => {
  const held = await mockAt(kind);
  const { child, ended } = startFnloop(
    command,
    ...more,
    '--board',
    held.address,
    '--runs',
    temporaryFolder(),
  );
  await until(() => held.heard(' RUN ') > 3, 'it pulses', LONG);
  const holders = await safeAt(held);
  const pulses = held.pulses();
  expect(holders).toMatchObject([
    { process: child.pid, command: `fnloop ${command}`, run: expect.any(String) },
  ]);
  const { code, stderr } = await ended;
  expect([code, held.pulses(), held.isArmed()]).toEqual([4, pulses, false]);
  expect(stderr).toMatch(
    /error \(brought-to-rest\): Board dam-a:1 was brought to rest by fnloop safe, process \d+/,
  );
});

test('of a soak with kills it is the process that has the port', { timeout: LONG }, async () => {
  const held = await mockAt('pty');
  const soak = [
    '--updates',
    '100000000',
    '--kills',
    '1',
    '--board',
    held.address,
    '--runs',
    temporaryFolder(),
  ];
  const { child } = startFnloop('soak', ...soak);
  await until(() => held.heard(' RUN ') > 3, 'it pulses', LONG);
  const [holder] = await safeAt(held);
  expect(childrenOf(child.pid ?? 0)).toContain(holder?.process);
});

test('of a soak with kills no other process begins after SAFE, also where none had the port just then', {
  timeout: LONG,
}, async () => {
  const held = await mockAt('pty');
  const soak = [
    '--updates',
    '100000000',
    '--kills',
    '1000',
    '--board',
    held.address,
    '--runs',
    temporaryFolder(),
  ];
  const { child, ended } = startFnloop('soak', ...soak);
  await until(() => held.heard(' RUN ') > 3, 'it pulses', LONG);
  for (const worker of childrenOf(child.pid ?? 0)) process.kill(worker, 'SIGKILL');
  expect((await fnloop('safe', '--board', held.address)).code).toBe(0);
  const pulses = held.pulses();
  const { code, stderr } = await ended;
  expect([code, held.pulses(), held.isArmed()]).toEqual([4, pulses, false]);
  expect(stderr).toContain('brought-to-rest');
});

test.each(kinds)('a job of a daemon on %s is paused, without the daemon', { timeout: LONG }, async (kind) => {
  const held = await mockAt(kind);
  const { lab } = labOf(daemonConfig({ b0: held.address }).file);
  await lab.submit('b0', experimentOf(100_000, { board: held.address }), 'test');
  await until(() => held.heard(' RUN ') > 3, 'it pulses', LONG);
  const [holder] = await safeAt(held);
  expect(childrenOf(process.pid)).toContain(holder?.process);
  expect(holder).toMatchObject({ command: 'fnloop daemon', run: lab.jobs()[0]?.runId });
  expect(held.isArmed()).toBe(false);
  await until(() => lab.jobs()[0]?.state === 'paused', 'it is paused');
  const pulses = held.pulses();
  expect(lab.jobs()[0]?.reason).toMatch(/^Board dam-a:1 was brought to rest by fnloop safe/);

  // Whatever becomes of the job, the next one waits for a person.
  const { id } = await lab.submit('b0', experimentOf(2, { board: held.address }), 'test');
  await lab.stop(lab.jobs()[0]?.id ?? '');
  await until(() => lab.boards()[0]?.state === 'resting', 'the board rests');
  expect([lab.jobs()[1]?.state, held.pulses(), held.isArmed()]).toEqual(['queued', pulses, false]);
  await lab.goOn('b0');
  await until(() => lab.jobs().find((job) => job.id === id)?.state === 'finished', 'the next is done');
  expect(held.pulses()).toBeGreaterThan(pulses);
});

test.each(kinds)('a session of a daemon on %s is ended, without the daemon', {
  timeout: LONG,
}, async (kind) => {
  const held = await mockAt(kind);
  const { lab } = labOf(daemonConfig({ b0: held.address }).file);
  await until(() => lab.boards()[0]?.state === 'ready', 'it is connected');
  const { policy } = experimentOf(1);
  const { runId } = await lab.openSession({ board: 'b0', cells: 4, policy, askedBy: 'test' });
  const holders = await safeAt(held);
  expect(holders).toMatchObject([{ command: 'fnloop daemon, a session from outside', run: runId }]);
  expect(held.isArmed()).toBe(false);
});

test.each(kinds)('a loan on %s: the borrower does it, for whoever asks and for the daemon', {
  timeout: LONG,
}, async (kind) => {
  const held = await mockAt(kind);
  const { lab } = labOf(daemonConfig({ b0: held.address }).file);
  await until(() => lab.boards()[0]?.state === 'ready', 'it is connected');
  await lab.lend({ board: 'b0', purpose: 'fnloop train', askedBy: 'ann' });
  const { child } = startFnloop(
    'train',
    ...LONG_TRAINING,
    '--board',
    held.address,
    '--runs',
    temporaryFolder(),
  );
  const before = held.heard(' RUN ');
  await until(() => held.heard(' RUN ') > before + 3, 'it pulses', LONG);
  expect(await safeAt(held)).toMatchObject([{ process: child.pid, command: 'fnloop train' }]);
  const safes = held.heard(' SAFE');
  expect(await lab.safe('b0', 'a test')).toEqual({ wasArmed: expect.any(Boolean) });
  expect(held.heard(' SAFE')).toBeGreaterThan(safes);
});

test('a port that is held by a process which hangs is said to be, and how to end that', {
  timeout: LONG,
}, async () => {
  const held = await mockAt('pty');
  const { child } = startFnloop(
    'train',
    ...LONG_TRAINING,
    '--board',
    held.address,
    '--runs',
    temporaryFolder(),
  );
  await until(() => held.heard(' RUN ') > 3, 'it pulses', LONG);
  child.kill('SIGSTOP');
  const { code, stdout, stderr } = await fnloop('safe', '--board', held.address);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain(`It is fnloop, process ${child.pid}, which does not answer: kill -9 ${child.pid}`);
});

test('a daemon that nobody may ask does not keep SAFE from its board', { timeout: LONG }, async () => {
  const held = await mockAt('tcp');
  const { file } = daemonConfig({ b0: held.address });
  const { child } = await startDaemon(file);
  await until(() => held.heard(' HELLO') > 0, 'it is connected');
  child.kill('SIGSTOP');
  onTestFinished(() => void child.kill('SIGCONT'));
  expect(await safeAt(held)).toMatchObject([{ command: 'fnloop daemon', run: null }]);
});
