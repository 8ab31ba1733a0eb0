import type { IncomingMessage } from 'node:http';
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { FnloopError, messageOf } from '../../core/errors.ts';
import { routes } from '../routes/index.ts';
import { API_PATH, type Route } from '../routes/route.ts';
import { boardHandlers } from './boards.ts';
import { boundHandlers } from './bounds.ts';
import { CalibrationShelf, calibrationHandlers } from './calibration-shelf.ts';
import { EventHub } from './event-hub.ts';
import { eventHandlers } from './events.ts';
import { experimentHandlers } from './experiments.ts';
import { securityHeaders } from './headers.ts';
import { jobHandlers } from './jobs.ts';
import { LiveCurves } from './live-curves.ts';
import { loanHandlers } from './loans.ts';
import { type Handler, type Handlers, mount } from './mount.ts';
import { openApiDocument } from './openapi.ts';
import { assertOwnOrigin } from './origins.ts';
import { type ApiEnv, type ApiParts, usualLimits } from './parts.ts';
import { planHandlers } from './plans.ts';
import { perMinute } from './rate.ts';
import { ReadingRoom, readingThread } from './reading-room.ts';
import { RunShelf } from './run-shelf.ts';
import { runHandlers } from './runs.ts';
import { sessionHandlers } from './sessions.ts';
import { DEFECT, refusalOf } from './statuses.ts';
import { taskHandlers } from './tasks.ts';
import { Tickets } from './tickets.ts';
import { assertRole, callerOf } from './tokens.ts';

export interface Api {
  readonly app: Hono<ApiEnv>;
  /** Whoever reaches it may do everything: it may listen on loopback only. */
  readonly isOpen: boolean;
  /** How many read events now. */
  readonly readers: number;
  /** Whether a request is for SAFE, of somebody who may: it waits behind nobody. */
  isUrgent(request: IncomingMessage): boolean;
  /** Ends the streams of events, so that connections can close, and what it reads with. */
  close(): Promise<void>;
}

const isSafe = (method: string, path: string): boolean =>
  method === 'POST' && /^\/api\/v1\/boards\/[^/]+\/safe$/.test(path);

/** All that the daemon serves. What a request may do is decided here, before any handler sees it. */
export function createApi(parts: ApiParts): Api {
  const { lab, runsFolder, tokens, hosts, clock, log, health, metrics, software } = parts;
  const limits = { ...usualLimits, ...parts.limits };
  const isOpen = tokens().length === 0;
  const asked = perMinute(limits.requestsPerMinute);
  const refused = perMinute(limits.refusalsPerMinute);
  const hub = new EventHub(lab.events$, clock.wallNs().toString(36), limits);
  const shelf = new RunShelf(runsFolder, lab, limits);
  const tickets = new Tickets(clock);
  const room = new ReadingRoom(parts.readingThread ?? readingThread);
  const calibrations = new CalibrationShelf(runsFolder, room);

  const app = new Hono<ApiEnv>();
  app.use(securityHeaders);
  app.use(async (context, next) => {
    const startedMs = clock.nowMs();
    await next();
    const fields = { method: context.req.method, status: context.res.status, ms: clock.nowMs() - startedMs };
    log.info({ ...fields, path: context.req.path, caller: context.get('caller')?.name }, 'request');
  });
  app.use(async (context, next) => {
    const { req } = context;
    const [host, origin, site] = [req.header('host'), req.header('origin'), req.header('sec-fetch-site')];
    // A link from elsewhere may lead to the page, which asks for a token; to nothing else.
    const isVisit = req.method === 'GET' && req.header('sec-fetch-mode') === 'navigate' && req.path === '/';
    assertOwnOrigin({ host, origin, secFetchSite: isVisit ? undefined : site }, hosts());
    await next();
  });
  app.get('/healthz', (context) => {
    const { isWell } = health();
    return context.json({ isWell }, isWell ? 200 : 503);
  });

  const known = async (context: Context<ApiEnv>, next: () => Promise<void>) => {
    const address = getConnInfo(context).remote.address ?? 'unknown';
    try {
      const holder = tickets.callerOf(context.req.query('ticket'), context.req.path);
      context.set('caller', holder ?? callerOf(context.req.header('authorization'), tokens(), isOpen));
    } catch (error) {
      // Who guesses is told to ask later, and who knows is not: addresses are shared behind a proxy.
      await refused.take(address);
      throw error;
    }
    // Nobody who wants outputs at rest is told to ask later.
    if (!isSafe(context.req.method, context.req.path))
      await asked.take(`${context.get('caller').name} ${tokens().length === 0 ? address : ''}`);
    await next();
  };
  app.use('/metrics', known);
  app.get('/metrics', async (context) => {
    assertRole(context.get('caller'), 'read');
    return context.body(await metrics.text(), 200, { 'content-type': metrics.contentType });
  });

  const api = new Hono<ApiEnv>();
  api.use(known);
  api.use(
    bodyLimit({
      maxSize: limits.bodyBytes,
      onError: () => refusalOf(new FnloopError('too-large', `Expected at most ${limits.bodyBytes} bytes.`)),
    }),
  );
  const document = openApiDocument(routes, software.version);
  api.get('/openapi.json', (context) => context.json(document));
  const handlers: Handlers<typeof routes> = {
    ...boardHandlers(lab),
    ...jobHandlers(lab, calibrations, new LiveCurves(lab.events$)),
    ...runHandlers(shelf, tickets),
    ...calibrationHandlers(calibrations, clock),
    ...experimentHandlers(),
    ...planHandlers(lab, calibrations),
    ...boundHandlers(shelf),
    ...taskHandlers(),
    ...sessionHandlers(lab),
    ...loanHandlers(lab),
    ...eventHandlers(hub),
    about: ({ caller }) => ({
      ...software,
      node: process.version,
      ...health(),
      caller,
      influx: parts.influx?.() ?? null,
    }),
  };
  // Each handler is of its own route; a table of both loses which is whose.
  for (const [name, route] of Object.entries(routes) as [keyof typeof routes, Route][])
    mount(api, [name, route], handlers[name] as unknown as Handler<Route>, { limits, room });
  api.all('*', () => {
    throw new FnloopError('not-found', 'The API has no such route: see /api/v1/openapi.json.');
  });
  app.route(API_PATH, api);
  if (parts.page !== undefined) app.route('/', parts.page);

  app.notFound(() => refusalOf(new FnloopError('not-found', 'Nothing is here.')));
  app.onError((error, context) => {
    const { method, path } = context.req;
    if (!(error instanceof FnloopError) || error.code === 'invariant') {
      log.error({ method, path, error: messageOf(error), stack: error.stack }, 'a request met a defect');
      return refusalOf(DEFECT);
    }
    if (error.code === 'token-needed' || error.code === 'not-allowed')
      log.warn({ method, path, code: error.code }, 'a request was refused');
    return refusalOf(error);
  });
  return {
    app,
    isOpen,
    get readers() {
      return hub.readers;
    },
    isUrgent: ({ method = '', url = '', headers }) => {
      if (!isSafe(method, url)) return false;
      try {
        assertRole(callerOf(headers.authorization, tokens(), isOpen), routes.makeSafe.role);
        return true;
      } catch (error) {
        if (error instanceof FnloopError) return false;
        throw error;
      }
    },
    close: async () => {
      hub.close();
      await room.close();
    },
  };
}
