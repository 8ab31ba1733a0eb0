import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { roles } from '../../../src/daemon/roles.ts';
import { routes } from '../../../src/daemon/routes/index.ts';
import type { Route } from '../../../src/daemon/routes/route.ts';
import { type Asking, codeOf, roleTokens, secretOf, startApi } from '../../support/daemon-api.ts';
import { runsOf } from '../../support/recorded-runs.ts';

/** A request with any headers, those that fetch does not let one set too. */
const rawStatus = (url: string, method: string, headers: Readonly<Record<string, string>>, body = '') =>
  new Promise<number>((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** What a route would be asked with, were it allowed. */
const asking = (route: Route): Asking => (route.body === null ? {} : { body: {} });
const pathOf = (route: Route) => `/api/v1${route.path.replaceAll(/\{\w+\}/g, 'left')}`;
const allRoutes = Object.entries(routes) as [string, Route][];

describe('tokens', () => {
  test.each(allRoutes)('%s wants one, and the role it declares', async (_, route) => {
    const { lab, logged, ask } = await startApi({ tokens: roleTokens });
    const method = route.method.toUpperCase();
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${secretOf('admin')}` },
      { authorization: `Bearer ${secretOf('admin')} x` },
      { authorization: `Bearer ${roleTokens[2]?.sha256}` },
      { cookie: `token=${secretOf('admin')}` },
    ])
      expect((await ask(method, pathOf(route), { ...asking(route), headers })).status).toBe(401);
    expect((await ask(method, `${pathOf(route)}?token=${secretOf('admin')}`, asking(route))).status).toBe(
      401,
    );

    for (const role of roles) {
      const response = await ask(method, pathOf(route), { ...asking(route), role });
      await response.body?.cancel();
      if (roles.indexOf(role) < roles.indexOf(route.role)) expect(response.status).toBe(403);
      else expect([401, 403]).not.toContain(response.status);
    }
    expect(logged.join()).not.toContain('secret-of');
    expect(lab.asked.filter((asked) => !/^(safe|go-on|set) left$/.test(asked))).toEqual([]);
  });

  test('metrics want one too, health does not', async () => {
    const { ask } = await startApi({ tokens: roleTokens });
    expect((await ask('GET', '/metrics')).status).toBe(401);
    expect((await ask('GET', '/metrics', { role: 'read' })).status).toBe(200);
    expect((await ask('GET', '/healthz')).status).toBe(200);
    expect((await ask('GET', '/api/v1/openapi.json')).status).toBe(401);
  });

  test('a ticket opens the report that it was issued for, to read, and nothing else', async () => {
    const { runs, ask, call, logged } = await startApi({
      tokens: roleTokens,
      runs: await runsOf('a-1', 'b-2'),
    });
    for (const id of ['a-1', 'b-2']) writeFileSync(join(runs, id, 'report.html'), id);
    const { answer } = await call(routes.reportTicket, { run: 'a-1' }, { role: 'read' });
    const { path } = answer as { path: string };
    expect(await (await ask('GET', path)).text()).toBe('a-1');
    for (const other of ['/api/v1/runs/b-2/report', '/api/v1/runs/a-1', '/api/v1/boards/left/safe'])
      for (const method of ['GET', 'POST'])
        expect((await ask(method, path.replace('/api/v1/runs/a-1/report', other))).status).toBe(401);
    expect((await ask('GET', `${path}x`)).status).toBe(401);
    expect(logged.join()).not.toContain(path.split('=')[1]);
  });

  test('that are taken out of the configuration open nothing any more, and the daemon to nobody', async () => {
    const tokens = [...roleTokens];
    const { ask } = await startApi({ tokens });
    tokens.shift();
    expect((await ask('GET', '/api/v1/boards', { role: 'read' })).status).toBe(401);
    expect((await ask('GET', '/api/v1/boards', { role: 'run' })).status).toBe(200);
    tokens.length = 0;
    for (const asking of [{}, { role: 'run' }] as const)
      expect((await ask('GET', '/api/v1/boards', asking)).status).toBe(401);
  });

  test('whoever guesses is made to wait, whoever knows is not', async () => {
    const { ask } = await startApi({ tokens: roleTokens, limits: { refusalsPerMinute: 3 } });
    const guess = { headers: { authorization: 'Bearer guess' } };
    const statuses = [];
    for (let attempt = 0; attempt < 5; attempt += 1)
      statuses.push((await ask('GET', '/api/v1/boards', guess)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await ask('GET', '/api/v1/boards', { role: 'read' })).status).toBe(200);
  });

  test('only so many requests a minute, but SAFE always', async () => {
    const { ask } = await startApi({ tokens: roleTokens, limits: { requestsPerMinute: 2 } });
    const statusOf = async (method: string, path: string, role: 'read' | 'run') =>
      (await ask(method, path, { role })).status;
    expect(await statusOf('GET', '/api/v1/boards', 'run')).toBe(200);
    expect(await statusOf('GET', '/api/v1/boards', 'run')).toBe(200);
    expect(await statusOf('GET', '/api/v1/boards', 'run')).toBe(429);
    expect(await statusOf('GET', '/api/v1/boards', 'read')).toBe(200);
    expect(await statusOf('POST', '/api/v1/boards/left/safe', 'run')).toBe(200);
  });
});

describe('browsers', () => {
  test('of another origin start and read nothing', async () => {
    const { lab, url, ask } = await startApi();
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:1' },
      { origin: url.replace('http', 'file') },
    ] as Record<string, string>[]) {
      expect((await ask('POST', '/api/v1/boards/left/safe', { headers })).status).toBe(403);
      expect((await ask('GET', '/api/v1/boards', { headers })).status).toBe(403);
    }
    for (const site of ['cross-site', 'same-site'])
      expect(await rawStatus(`${url}/api/v1/boards`, 'GET', { 'sec-fetch-site': site })).toBe(403);
    expect(await rawStatus(`${url}/api/v1/boards`, 'OPTIONS', { origin: 'http://evil.example' })).toBe(403);
    expect(lab.asked).toEqual([]);

    expect(
      await rawStatus(`${url}/api/v1/boards`, 'GET', { origin: url, 'sec-fetch-site': 'same-origin' }),
    ).toBe(200);
  });

  test('that were led here by a name of somebody else get nothing', async () => {
    const { lab, url, ask } = await startApi({ hosts: ['bench.lab'] });
    const { port } = new URL(url);
    const statusFor = (host: string) => rawStatus(`${url}/api/v1/boards/left/safe`, 'POST', { host });
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1@evil.example',
    ])
      expect(await statusFor(host)).toBeGreaterThanOrEqual(400);
    expect(lab.asked).toEqual([]);
    for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]', 'bench.lab'])
      expect(await statusFor(host)).toBe(200);
    expect((await ask('GET', '/healthz')).headers.get('content-security-policy')).toContain(
      "default-src 'none'",
    );
  });

  test('get headers that let nothing in, on every answer', async () => {
    const { ask } = await startApi();
    for (const path of ['/', '/api/v1/boards', '/api/v1/none', '/healthz', '/api/v1/runs?limit=x']) {
      const { headers } = await ask('GET', path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('set-cookie')).toBeNull();
    }
  });
});

describe('requests', () => {
  test.each(
    allRoutes.filter(([, { path }]) => path.includes('{')),
  )('%s lets no path through', async (_, route) => {
    const { lab, ask, runs } = await startApi({ runs: await runsOf('a-1') });
    for (const path of [
      '..',
      '../a-1',
      '/etc/passwd',
      `${runs}/a-1`,
      'a-1/../a-1',
      '%2e%2e',
      '..\\a-1',
      'a-1\0',
      '.',
    ]) {
      const target = route.path.replaceAll(/\{\w+\}/g, encodeURIComponent(path));
      const response = await ask(route.method.toUpperCase(), `/api/v1${target}`, asking(route));
      expect([400, 404]).toContain(response.status);
    }
    expect(lab.asked).toEqual([]);
  });

  test('that are too large, of the wrong type or malformed are refused as such', async () => {
    const { lab, ask } = await startApi({ limits: { bodyBytes: 2_000, yamlBytes: 1_000 } });
    const post = async (body: string, type = 'application/json') => {
      const response = await ask('POST', '/api/v1/jobs', { body, headers: { 'content-type': type } });
      return [response.status, codeOf((await response.json()) as never)];
    };
    expect(await post(' '.repeat(2_001))).toEqual([413, 'too-large']);
    expect(await post(`board: ${'x'.repeat(1_500)}`, 'application/yaml')).toEqual([413, 'too-large']);
    expect(await post('{}', 'text/plain')).toEqual([415, 'not-supported']);
    expect(await post('{}', 'application/x-www-form-urlencoded')).toEqual([415, 'not-supported']);
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '{"board":1}',
      '{"__proto__":{"board":"left"}}',
      '['.repeat(1_900),
    ])
      expect(await post(body)).toEqual([400, 'config-invalid']);
    for (const body of ['a: &a [*a]', '['.repeat(900), 'a: !!js/function x', '\t'])
      expect(await post(body, 'application/yaml')).toEqual([400, 'config-invalid']);
    expect(lab.asked).toEqual([]);
  });

  test('that come in chunks without end are cut', async () => {
    const { url } = await startApi({ limits: { bodyBytes: 2_000 } });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.on('error', () => {});
    socket.write(
      `POST /api/v1/jobs HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    for (let sent = 0; sent < 100 && answer === ''; sent += 1) {
      socket.write(`400\r\n${' '.repeat(1_024)}\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test('for the head of a stream open none', async () => {
    const { ask, readers } = await startApi();
    expect((await ask('HEAD', '/api/v1/events')).status).toBe(415);
    expect((await ask('HEAD', '/api/v1/boards')).status).toBe(200);
    expect(readers()).toBe(0);
  });

  test('with headers beyond measure are refused', async () => {
    const { url } = await startApi();
    expect(await rawStatus(`${url}/healthz`, 'GET', { 'x-long': 'x'.repeat(20_000) })).toBe(431);
  });
});

test('without tokens it listens on loopback only', async () => {
  for (const listenOn of ['0.0.0.0', '::', '127.0.0.1.evil.example', '10.0.0.1'])
    await expect(startApi({ listenOn })).rejects.toMatchObject({ code: 'config-invalid' });
  const { ask } = await startApi({ listenOn: '127.0.0.2', hosts: ['127.0.0.2'] });
  expect((await ask('GET', '/api/v1/boards')).status).toBe(200);
  await startApi({ listenOn: '0.0.0.0', tokens: roleTokens });
});
