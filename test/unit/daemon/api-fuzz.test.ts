import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { routes } from '../../../src/daemon/routes/index.ts';
import type { Route } from '../../../src/daemon/routes/route.ts';
import { roleTokens, secretOf, startApi } from '../../support/daemon-api.ts';
import { runsOf } from '../../support/recorded-runs.ts';

const REQUESTS = 10_000;
const AT_ONCE = 16;

const nasty = fc.oneof(
  fc.constantFrom(
    '..',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '%00',
    '%',
    '%zz',
    '%c0%ae',
    '//',
    '.',
    '__proto__',
    'constructor',
    'null',
    '-1',
    '1e999',
    'NaN',
    '{}',
    "'; DROP TABLE updates; --",
    '*',
    'up',
  ),
  fc.string({ maxLength: 40, unit: 'binary' }).map((text) => encodeURIComponent(text)),
);
/** Names that are there, for those who may change nothing. */
const real = fc.constantFrom('left', 'a-1', 'last', 'updates', 'p1', 'breast-cancer', 'energy');

const jsonBody = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ maxLength: 200, unit: 'binary' }),
  fc.constantFrom('{"board":"left"', '[[[[', '{"__proto__":1}', '{"changes":[{"cell":1e400}]}'),
  fc
    .record({ board: nasty, experiment: fc.jsonValue(), overrides: fc.object() })
    .map((body) => JSON.stringify(body)),
  fc.record({ board: nasty, purpose: fc.string() }).map((body) => JSON.stringify(body)),
  fc.record({ reason: fc.jsonValue(), before: fc.jsonValue() }).map((body) => JSON.stringify(body)),
);

const usualHeaders = {
  'content-type': fc.constantFrom(
    'application/json',
    'application/yaml',
    'text/plain',
    'x',
    'application/json;;',
  ),
  accept: fc.constantFrom('*/*', 'text/csv', 'application/vnd.apache.arrow.stream', ';q=x', 'a/b;q=2'),
  'last-event-id': fc.constantFrom('x-1', '-', '9'.repeat(40)),
  'x-forwarded-for': fc.constantFrom('127.0.0.1', 'x'),
  'x-http-method-override': fc.constantFrom('DELETE', 'POST'),
};
const hostileHeaders = {
  ...usualHeaders,
  origin: fc.constantFrom('http://evil.example', 'null', 'x', ''),
  'sec-fetch-site': fc.constantFrom('cross-site', 'none', 'same-origin', 'x'),
};
const headers = fc.oneof(
  { weight: 4, arbitrary: fc.record(usualHeaders, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.record(hostileHeaders, { requiredKeys: [] }) },
);

const asked = fc.record({
  route: fc.constantFrom(...(Object.values(routes) as Route[])),
  method: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom('PUT', 'PATCH', 'HEAD', 'OPTIONS', 'POST', 'GET', 'DELETE') },
  ),
  caller: fc.constantFrom('nobody', 'stranger', 'read', 'admin'),
  nastyNames: fc.array(nasty, { minLength: 3, maxLength: 3 }),
  realNames: fc.array(real, { minLength: 3, maxLength: 3 }),
  query: fc.array(
    fc.tuple(fc.constantFrom('limit', 'offset', 'form', 'kinds', 'seed', 'x', 'run', 'bits'), nasty),
    {
      maxLength: 3,
    },
  ),
  headers,
  body: jsonBody,
});

test(`${REQUESTS} requests of any kind start nothing, leak nothing and break nothing`, async () => {
  const { lab, url, logged, ask, readers } = await startApi({
    tokens: roleTokens,
    runs: await runsOf('a-1'),
    limits: { refusalsPerMinute: 1e6, requestsPerMinute: 1e6, eventReaders: 4 },
  });
  lab.put({});
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

  const send = ({
    route,
    method,
    caller,
    nastyNames,
    realNames,
    query,
    headers,
    body,
  }: (typeof cases)[number]) => {
    // Who may change something is given no name of anything that is there.
    const names = [...(caller === 'admin' ? nastyNames : realNames)];
    const path = route.path.replaceAll(/\{\w+\}/g, () => names.pop() ?? 'x');
    const text = query.map(([key, value]) => `${key}=${value}`).join('&');
    const credentials = {
      nobody: {},
      stranger: { authorization: 'Bearer x' },
      read: { authorization: `Bearer ${secretOf('read')}` },
      admin: { authorization: `Bearer ${secretOf('admin')}` },
    }[caller];
    return new Promise<{ status: number; answer: string }>((resolve, reject) => {
      const sent = request(
        `${url}/`,
        {
          agent,
          method: method ?? route.method.toUpperCase(),
          path: `/api/v1${path}?${text}`.replaceAll(/[^\x21-\x7e]/g, '%20'),
          headers: { ...headers, ...credentials },
        },
        (response) => {
          let answer = JSON.stringify(response.headers);
          const ended = () => resolve({ status: response.statusCode ?? 0, answer });
          response.setEncoding('latin1').on('data', (chunk: string) => {
            answer += chunk;
            if (response.headers['content-type'] === 'text/event-stream') response.destroy();
          });
          response.on('close', ended);
        },
      );
      sent.on('error', reject);
      sent.end(route.method === 'get' ? undefined : body);
    });
  };

  const cases = fc.sample(asked, { seed: 7, numRuns: REQUESTS });
  const counts = new Map<number, number>();
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < cases.length; at = next++) {
      const one = cases[at];
      if (one === undefined) break;
      const { status, answer } = await send(one);
      counts.set(status, (counts.get(status) ?? 0) + 1);
      expect(status, JSON.stringify(one)).toBeLessThan(500);
      expect(answer).not.toMatch(/secret-of|root:/);
      for (const { sha256 } of roleTokens) expect(answer).not.toContain(sha256);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();

  expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(REQUESTS);
  // The mix reaches past the first door.
  for (const status of [200, 400, 401, 403, 404]) expect(counts.get(status) ?? 0).toBeGreaterThan(100);
  expect(lab.asked).toEqual([]);
  await expect.poll(readers).toBe(0);
  expect(logged.filter((line) => /secret-of|defect/.test(line))).toEqual([]);
  expect((await ask('GET', '/api/v1/boards', { role: 'read' })).status).toBe(200);
}, 180_000);
