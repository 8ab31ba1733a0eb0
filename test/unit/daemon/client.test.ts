import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { daemonAddress } from '../../../src/daemon/client/address.ts';
import { DaemonClient, type News } from '../../../src/daemon/client/client.ts';
import { routes } from '../../../src/daemon/routes/index.ts';
import { roleTokens, secretOf, startApi } from '../../support/daemon-api.ts';
import { temporaryFolder } from '../../support/folder.ts';

const clientOf = (url: string, token?: string) =>
  new DaemonClient({ url, token }, new AbortController().signal);

describe('an address', () => {
  test('comes from the command line, the environment, a file, or is the usual one', () => {
    const file = join(temporaryFolder(), 'daemon.yaml');
    writeFileSync(file, 'url: http://bench:1\ntoken: of-file\n', { mode: 0o600 });
    const environment = { FNLOOP_DAEMON: 'http://bench:2', FNLOOP_TOKEN: 'of-environment' };
    expect(daemonAddress({}, {})).toEqual({ url: 'http://127.0.0.1:7300', token: undefined });
    expect(daemonAddress({ credentials: file }, {})).toEqual({ url: 'http://bench:1', token: 'of-file' });
    expect(daemonAddress({ credentials: file }, environment)).toEqual({
      url: 'http://bench:2',
      token: 'of-environment',
    });
    expect(daemonAddress({ daemon: 'http://bench:3' }, environment).url).toBe('http://bench:3');
    chmodSync(file, 0o644);
    expect(() => daemonAddress({ credentials: file }, {})).toThrow('chmod 600');
  });

  test('that is none is refused, without its secrets', () => {
    const folder = temporaryFolder();
    for (const daemon of ['bench', 'ftp://bench', 'http://bench/path', 'http://u:secret@bench'])
      expect(() => daemonAddress({ daemon }, {})).toThrow(
        expect.objectContaining({ code: 'config-invalid', message: expect.not.stringContaining('secret') }),
      );
    for (const text of ['token: [secret]', 'token: "secret', 'secret: 1']) {
      const file = join(folder, 'wrong.yaml');
      writeFileSync(file, text, { mode: 0o600 });
      expect(() => daemonAddress({ credentials: file }, {})).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('secret') }),
      );
    }
  });
});

describe('a client', () => {
  test('asks by the declared routes, and is refused as the daemon says', async () => {
    const { url } = await startApi({ tokens: roleTokens });
    const client = clientOf(url, secretOf('run'));
    expect((await client.ask(routes.listBoards)).map(({ name }) => name)).toEqual(['left', 'right']);
    const job = await client.ask(routes.submitJob, { body: { board: 'left', experiment: 'breast-cancer' } });
    expect(await client.ask(routes.listJobs, { query: { board: 'left' } })).toEqual([job]);
    await expect(client.ask(routes.oneBoard, { params: { board: '../x' } })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(client.ask(routes.release, { params: { board: 'left' } })).rejects.toMatchObject({
      code: 'not-allowed',
    });
    await expect(clientOf(url).ask(routes.listBoards)).rejects.toMatchObject({
      code: 'token-needed',
      message: expect.stringContaining('FNLOOP_TOKEN'),
    });
  });

  test('says so where no daemon answers, or something else does', async () => {
    await expect(clientOf('http://127.0.0.1:9').ask(routes.about)).rejects.toMatchObject({
      code: 'daemon-unavailable',
      message: expect.stringMatching(/127\.0\.0\.1:9 .*fnloop daemon/),
    });
    const other = createServer((_, response) => void response.end('<html>')).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(clientOf(`http://127.0.0.1:${port}`).ask(routes.about)).rejects.toMatchObject({
      code: 'daemon-unavailable',
      message: expect.stringContaining('is no fnloop daemon'),
    });
  });

  test('leaves an answer and a stream that stall, whatever was collected as garbage meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const stalling = createServer((_, response) => void response.writeHead(200).write('{')).listen(0);
    onTestFinished(() => void stalling.close());
    await once(stalling, 'listening');
    const { port } = stalling.address() as AddressInfo;
    const collecting = setInterval(collect, 20);
    onTestFinished(() => clearInterval(collecting));
    const leaving = new AbortController();
    const client = new DaemonClient({ url: `http://127.0.0.1:${port}` }, leaving.signal);
    await expect(client.within(200).ask(routes.about)).rejects.toMatchObject({ code: 'daemon-unavailable' });
    const news = (await client.events({}, new AbortController().signal)).next();
    setTimeout(() => leaving.abort(), 200);
    expect((await news).done).toBe(true);
    await expect(client.ask(routes.about)).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('hears news, goes on after a broken connection, and ends when told', async () => {
    const { lab, url, cut } = await startApi();
    const leaving = new AbortController();
    const heard: News[] = [];
    const news = await clientOf(url).events({ kinds: 'board' }, leaving.signal);
    const ended = (async () => {
      for await (const item of news) heard.push(item);
    })();
    lab.set('left', { state: 'fault' });
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    cut();
    lab.set('left', { state: 'ready' });
    await vi.waitFor(() => expect(heard).toHaveLength(4), { timeout: 10_000 });
    expect(heard).toMatchObject([
      { board: { state: 'fault' } },
      { kind: 'lost' },
      { kind: 'back' },
      { board: { state: 'ready' } },
    ]);
    leaving.abort();
    await ended;
  });
});
