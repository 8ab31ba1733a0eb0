import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownUid, ownUserName } from '../../../src/core/user.ts';
import { type BoardAddress, parseAddress } from '../../../src/transport/address.ts';
import { askHolders } from '../../../src/transport/ask-holders.ts';
import type { HolderAnswer } from '../../../src/transport/holder-answer.ts';
import { holderNames } from '../../../src/transport/holder-names.ts';
import { SafeSocket } from '../../../src/transport/safe-socket.ts';
import { temporaryFolder } from '../../support/folder.ts';

const BENCH = parseAddress('tcp:127.0.0.1:7000');
const ANSWER: HolderAnswer = {
  ...{ process: process.pid, command: 'fnloop train', run: 'r1', goOn: 'fnloop runs resume r1' },
  ...{ state: 'at-rest', wasArmed: 'yes', boardId: 'b:1', boardTimeUs: 12, reason: null },
};

/** A holder in a shared folder of the test's own. */
async function holder(address: BoardAddress = BENCH, shared = temporaryFolder()) {
  const asked: string[] = [];
  const notes: string[] = [];
  const socket = new SafeSocket({
    rest: async (by) => {
      asked.push(by);
      return ANSWER;
    },
    note: (sentence) => notes.push(sentence),
    shared,
  });
  onTestFinished(() => socket.close());
  await socket.at(address);
  const folder = join(shared, `fnloop-safe-${ownUid()}`);
  return { socket, shared, folder, asked, notes, hear: (of = address) => askHolders(of, shared).all };
}

const pathOf = (folder: string) => join(folder, readdirSync(folder)[0] ?? 'none');

/** What of it answers as a holder does, until the test ends. */
async function answering(path: string, answer: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    answer(socket);
  }).listen(path);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
}

test('whoever holds a port is asked, and says what it did', async () => {
  const { hear, asked, folder, socket } = await holder();
  expect(await hear()).toEqual([{ ...ANSWER, uid: ownUid(), isBelieved: true }]);
  expect(asked).toEqual([`fnloop safe, process ${process.pid} of user ${ownUserName()}`]);
  await socket.close();
  expect([await hear(), readdirSync(folder)]).toEqual([[], []]);
});

test('names by which a machine means itself are one host, other ports are others', async () => {
  const { hear } = await holder();
  expect(await hear(parseAddress('tcp:localhost:7000'))).toHaveLength(1);
  expect(await hear(parseAddress('tcp:[::1]:7000'))).toHaveLength(1);
  expect(await hear(parseAddress('tcp:127.0.0.1:7001'))).toEqual([]);
  expect(await hear(parseAddress('mock:dam-a'))).toEqual([]);
});

test('a serial port is found by its name, by where that leads, and, plugged in elsewhere, by where it is then', async () => {
  const folder = temporaryFolder();
  const [here, there, name] = ['one', 'two', 'name'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ];
  for (const device of [here, there]) writeFileSync(device, '');
  symlinkSync(here, name);
  const at = (path: string) => parseAddress(`serial:${path}`);
  const { hear, socket } = await holder(at(name));
  expect([await hear(at(name)), await hear(at(here)), await hear(at(there))]).toMatchObject([[{}], [{}], []]);
  await socket.at(at(there));
  expect([await hear(at(name)), await hear(at(here)), await hear(at(there))]).toMatchObject([[{}], [], [{}]]);
  rmSync(name);
  symlinkSync(there, name);
  await socket.at(at(name));
  expect([await hear(at(name)), await hear(at(here)), await hear(at(there))]).toMatchObject([[{}], [], [{}]]);
});

test('two processes that hold one port are both asked', async () => {
  const { shared, hear } = await holder();
  const [name] = holderNames(BENCH);
  await answering(join(shared, `fnloop-safe-${ownUid()}`, `${name}-1`), (socket) =>
    socket.end(`${JSON.stringify({ ...ANSWER, process: 1, command: '\u001b[31mtrain' })}\n`),
  );
  const heard = await hear();
  expect(heard.map((each) => [each.process, each.command]).sort()).toEqual(
    [
      [1, '?[31mtrain'],
      [process.pid, 'fnloop train'],
    ].sort(),
  );
});

test('what a process left that was killed answers nobody, and is cleared away', async () => {
  const { shared, folder, socket, hear } = await holder();
  await socket.close();
  const [name] = holderNames(BENCH);
  const leave = async () => {
    const code = `require('net').createServer().listen(process.argv[1] + process.pid, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', code, join(folder, `${name}-`)]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  await leave();
  expect(readdirSync(folder)).toHaveLength(1);
  expect([await hear(), readdirSync(folder)]).toEqual([[], []]);
  await leave();
  await holder(BENCH, shared);
  expect(readdirSync(folder)).toEqual([`${name}-${process.pid}`]);
});

test('a link, a file and a folder of somebody else than its name says are not asked', async () => {
  const { shared, folder, socket, hear, asked } = await holder();
  const path = pathOf(folder);
  const file = path.split('/').at(-1) ?? '';
  mkdirSync(join(shared, 'fnloop-safe-99999'));
  symlinkSync(path, join(shared, 'fnloop-safe-99999', file));
  symlinkSync(folder, join(shared, `fnloop-safe-${ownUid()}-x`));
  symlinkSync(path, `${path}1`);
  writeFileSync(`${path}2`, '');
  expect([await hear(), asked.length]).toMatchObject([[{}], 1]);
  chmodSync(folder, 0o777);
  expect(await hear()).toEqual([]);
  // Nor is it used any more.
  await socket.close();
  const other = await holder(BENCH, shared);
  expect([await other.hear(), other.notes]).toMatchObject([[{}], []]);
});

test.runIf(ownUid() === 0)('the word of another user is heard, and said not to be believed', async () => {
  const { shared, folder, hear } = await holder();
  const theirs = join(shared, 'fnloop-safe-12345');
  mkdirSync(theirs);
  const path = join(theirs, pathOf(folder).split('/').at(-1) ?? '');
  await answering(path, (socket) => socket.end(`${JSON.stringify(ANSWER)}\n`));
  chownSync(theirs, 12345, 12345);
  expect(await hear()).toMatchObject([{ isBelieved: true }]);
  chownSync(path, 12345, 12345);
  expect(await hear()).toMatchObject(expect.arrayContaining([{ ...ANSWER, uid: 12345, isBelieved: false }]));
});

test('who never answers, or answers 64 kB of anything, is not waited for', async () => {
  const { shared, folder, socket } = await holder();
  await socket.close();
  const [name] = holderNames(BENCH);
  await answering(join(folder, `${name}-1`), () => {});
  await answering(join(folder, `${name}-2`), (asking) => asking.end('x'.repeat(65_536)));
  await answering(join(folder, `${name}-3`), (asking) => asking.end('{"process":"3"}\n'));
  const { inTime, all, leave, processes } = askHolders(BENCH, shared);
  expect([await inTime, [...processes].sort()]).toEqual([[], [1, 2, 3]]);
  leave();
  expect(await all).toEqual([]);
});

test('what is no request for SAFE ends the connection, and does nothing', async () => {
  const { folder, asked, hear } = await holder();
  for (const text of ['x'.repeat(65_536), `${'x'.repeat(600)}\n`, '{"verb":"arm"}\n', 'null\n', '\n']) {
    const socket = connect(pathOf(folder));
    socket.on('error', () => {});
    socket.write(text);
    socket.resume();
    await once(socket, 'close');
  }
  expect(asked).toEqual([]);
  expect(await hear()).toHaveLength(1);
});

test('200 connections that say nothing keep nobody out', async () => {
  const { folder, hear } = await holder();
  const path = pathOf(folder);
  const sockets = Array.from({ length: 200 }, () => connect(path).on('error', () => {}));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
  expect(await hear()).toHaveLength(1);
});

test('where nothing can be put the work goes on, with one note', async () => {
  const nowhere = join(temporaryFolder(), 'missing');
  const { notes, socket, hear } = await holder(parseAddress('serial:/dev/null'), nowhere);
  await socket.at(BENCH);
  expect(notes).toEqual([expect.stringMatching(/^Other programs cannot ask this one for SAFE: ENOENT/)]);
  expect([await hear(), existsSync(nowhere)]).toEqual([[], false]);
});
