import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseTarget, type Target } from '../../../src/influx/target.ts';
import { openEndpoint } from '../../../src/influx/write-endpoint.ts';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Stands in for the write endpoints of InfluxDB 2.x and 3.x, neither of which is at hand: it answers what their
 * documentation says that they answer.
 */
async function standIn(answer: (response: ServerResponse) => void): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(parts) });
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

const LINES = Buffer.from('update,board=b cell=1i 1700000000000000001');
const signal = new AbortController().signal;

async function written(target: Target, credentials = {}, silenceMs = 5000) {
  const endpoint = openEndpoint(target, credentials, silenceMs);
  onTestFinished(() => endpoint.close());
  return endpoint.write([LINES.subarray(0, 7), LINES.subarray(7)], signal);
}

const status =
  (code: number, body = '', headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end(body);

test('2.x and 3.x are given org, bucket, precision and token, and compressed lines unless they are here', async () => {
  const { url, asked } = await standIn(status(204));
  const target = parseTarget(`${url}/proxy?org=the lab&bucket=a/b`);
  expect(await written({ ...target, isLoopback: false }, { token: 'T0k' })).toEqual({ kind: 'stored' });
  expect(await written(target, { token: 'T0k' })).toEqual({ kind: 'stored' });
  const [remote, local] = asked;
  expect(remote).toMatchObject({
    method: 'POST',
    url: '/proxy/api/v2/write?org=the+lab&bucket=a%2Fb&precision=ns',
    headers: { authorization: 'Token T0k', 'content-encoding': 'gzip' },
  });
  expect(gunzipSync(remote?.body ?? '')).toEqual(LINES);
  expect(local?.headers).not.toHaveProperty('content-encoding');
  expect(local?.body).toEqual(LINES);
});

test('1.x is given database, retention policy, precision and a password', async () => {
  const { url, asked } = await standIn(status(204));
  await written(parseTarget(`${url}?db=x&rp=raw`), { username: 'me', password: 'p' });
  expect(asked[0]).toMatchObject({
    url: '/write?db=x&rp=raw&precision=ns',
    headers: { authorization: `Basic ${Buffer.from('me:p').toString('base64')}` },
  });
});

test.each([
  [
    400,
    '{"code":"invalid","message":"unable to parse points"}',
    { kind: 'refused', reason: '400: unable to parse points' },
  ],
  [
    422,
    '{"message":"partial write: dropped 1"}',
    { kind: 'refused', reason: '422: partial write: dropped 1' },
  ],
  [413, 'too large', { kind: 'refused', reason: '413: too large' }],
  [401, '{"message":"unauthorized access"}', { kind: 'unavailable', reason: '401: unauthorized access' }],
  [404, '{"error":"database not found"}', { kind: 'unavailable', reason: '404: database not found' }],
  [500, '', { kind: 'unavailable', reason: '500: without a reason' }],
])('status %s with %j', async (code, body, answer) => {
  const { url } = await standIn(status(code, body));
  expect(await written(parseTarget(`${url}?org=o&bucket=b`))).toMatchObject(answer);
});

test('a server that says how long to wait is believed', async () => {
  const { url } = await standIn(status(429, '{"message":"slow down"}', { 'retry-after': '7' }));
  expect(await written(parseTarget(url))).toEqual({
    kind: 'unavailable',
    reason: '429: slow down',
    retryAfterMs: 7000,
  });
});

test('a silent server, one that hangs up and one that is not there are no answers', async () => {
  const silent = await standIn(() => {});
  expect(await written(parseTarget(silent.url), {}, 50)).toEqual({
    kind: 'unavailable',
    reason: 'no reply within 0.05 s',
  });
  const rude = await standIn((response) => void response.destroy());
  expect(await written(parseTarget(rude.url))).toMatchObject({ kind: 'unavailable', reason: 'ECONNRESET' });
  expect(await written(parseTarget('http://127.0.0.1:1'))).toMatchObject({
    kind: 'unavailable',
    reason: 'ECONNREFUSED',
  });
});

describe('an address', () => {
  test.each([
    ['http://h:8086', 'http://h:8086/?db=fnloop'],
    ['https://h/x?db=a b', 'https://h/x/?db=a+b'],
    ['http://h?db=a&rp=r', 'http://h/?db=a&rp=r'],
    ['http://h?org=o&bucket=b', 'http://h/?org=o&bucket=b'],
  ])('%s is named %s, which is the same address', (text, name) => {
    expect(parseTarget(text).name).toBe(name);
    expect(parseTarget(name).name).toBe(name);
  });

  test.each([
    ['localhost:8086', /expected http:/],
    ['http://h?bucket=b', /org and bucket belong together/],
    ['http://h?org=o&bucket=b&db=x', /db and rp are of 1\.x/],
    ['http://h?precision=s', /'precision' is unknown/],
  ])('%s is refused', (text, message) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) }),
    );
  });

  test.each([
    'http://u:hush@h',
    'http://h?db=x&u=me&p=hush',
    'https://h?token=hush',
  ])('with credentials is refused, and not repeated', (text) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.not.stringContaining('hush') }),
    );
  });
});
