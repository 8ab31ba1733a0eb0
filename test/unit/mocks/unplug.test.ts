import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { SerialPort } from 'serialport';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ping, run } from '../../../firmware-protocol/commands.ts';
import {
  createMock,
  createMockBoard,
  faultScript,
  type Served,
  servePipe,
  servePty,
  serveTcp,
} from '../../../mocks/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { request, SET0 } from './armed.ts';
import { prepare } from './wired.ts';

const board = () => createMockBoard({ preset: 'dam-a', cells: 8 });
const closing = <S extends Served>(served: S): S => {
  onTestFinished(() => served.close());
  return served;
};
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};
/** Open terminals of this process; other files may come and go. */
const descriptors = () =>
  readdirSync('/proc/self/fd').filter((fd) => isTerminal(`/proc/self/fd/${fd}`)).length;

function isTerminal(link: string): boolean {
  try {
    return /^\/dev\/(pts\/|ptmx)/.test(readlinkSync(link));
  } catch {
    // It was closed since it was listed.
    return false;
  }
}

async function openSerial(path: string): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  port.on('error', () => {});
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

/** Asks for a reply, and gives what came. */
async function answerOf(stream: Duplex): Promise<string> {
  let text = '';
  const hear = (bytes: Buffer) => {
    text += bytes.toString('latin1');
  };
  stream.on('data', hear);
  stream.write(request(7, ping, {}));
  await until(() => text.endsWith('\n'));
  stream.off('data', hear);
  return text;
}

describe('a pseudo-terminal', () => {
  test('hangs up, is gone, and comes back at the same link', async () => {
    const link = join(temporaryFolder(), 'board');
    const served = closing(await servePty(board(), link));
    const port = await openSerial(link);
    expect(await answerOf(port)).toMatch(/^#7 OK /);
    expect(readlinkSync(link)).toMatch(/^\/dev\//);

    const closed = once(port, 'close');
    served.unplug(40);
    expect([served.isPlugged, existsSync(link)]).toEqual([false, false]);
    const [error] = await closed;
    expect(error).toMatchObject({ disconnected: true });
    await expect(openSerial(link)).rejects.toThrow(/no such file/i);
    served.unplug(60_000);

    await until(() => served.isPlugged);
    expect(served.path).toBe(link);
    const again = await openSerial(link);
    expect(await answerOf(again)).toMatch(/^#7 OK /);
    again.close();
    await once(again, 'close');
  });

  test('may be unplugged while written to, again and again, and leaves nothing open', async () => {
    const mock = board();
    const served = await servePty(mock);
    const before = descriptors();
    for (let i = 0; i < 5; i += 1) {
      const port = await openSerial(served.path);
      port.resume();
      const closed = once(port, 'close');
      let received = '';
      port.on('data', (bytes: Buffer) => {
        received += bytes.toString('latin1');
      });
      for (let line = 0; line < 50; line += 1) port.write(request(7, ping, {}));
      // The binding sees a hang-up only where it waits for bytes: cut off in the middle of a read, it reads nothing for ever, and is closed here.
      await until(() => received.split('\n').length > 50);
      await new Promise((resolve) => setTimeout(resolve, 100));
      served.unplug(1);
      mock.receive(request(7, ping, {}));
      const hanging = setTimeout(() => port.close(), 2_000);
      await closed;
      clearTimeout(hanging);
      await until(() => served.isPlugged);
    }
    await until(() => descriptors() <= before);
    served.unplug(60_000);
    await served.close();
    expect(served.isPlugged).toBe(false);
  });
});

describe('TCP', () => {
  test('cuts its client off, does not listen, and listens again on the same port', async () => {
    const served = closing(await serveTcp(board(), { host: '127.0.0.1', port: 0 }));
    const client = connect(served.port, served.host);
    client.on('error', () => {});
    expect(await answerOf(client)).toMatch(/^#7 OK /);

    const closed = once(client, 'close');
    served.unplug(50);
    await closed;
    const refused = connect(served.port, served.host);
    await expect(once(refused, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    await until(() => served.isPlugged);
    const again = connect(served.port, served.host);
    expect(await answerOf(again)).toMatch(/^#7 OK /);
    again.destroy();
  });

  test('may be closed while unplugged', async () => {
    const served = await serveTcp(board(), { host: '127.0.0.1', port: 0 });
    served.unplug(60_000);
    await served.close();
    expect(served.isPlugged).toBe(false);
  });
});

describe('the pipe', () => {
  test('disconnects its stream, and opens a new one once plugged in', async () => {
    const served = closing(servePipe(board()));
    const stream = await served.open();
    stream.on('error', () => {});
    await expect(served.open()).rejects.toThrow('Cannot lock port');
    expect(await answerOf(stream)).toMatch(/^#7 OK /);
    const closed = once(stream, 'close');
    served.unplug(30);
    stream.write('to nobody');
    const [error] = await closed;
    expect(error).toMatchObject({ disconnected: true });
    await expect(served.open()).rejects.toThrow('No such file or directory');
    await until(() => served.isPlugged);
    expect(await answerOf(await served.open())).toMatch(/^#7 OK /);
  });
});

test('a fault pulls the wire out at its number of pulses, and the reply of the batch is lost', async () => {
  const faults = faultScript.parse({ at: [{ fault: 'unplug', afterPulses: 2, forMs: 10 }] });
  const mock = createMock({ preset: 'dam-a', cells: 8, faults });
  const served = closing(await servePty(mock.end));
  const port = await openSerial(served.path);
  let text = '';
  port.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  prepare({ receive: (bytes) => port.write(bytes, 'latin1') });
  await until(() => text.split('\n').length === 3);
  text = '';
  const closed = once(port, 'close');
  port.write(request(3, run, { batch: 1, gapUs: 0, slots: [[SET0], [SET0], [SET0]] }));
  await closed;
  expect(text).toBe('');
  expect(mock.board.totalPulses).toBe(3);
  await until(() => served.isPlugged);
});
