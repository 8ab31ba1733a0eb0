import type { Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import type * as z from 'zod';
import { FnloopError } from '../../core/errors.ts';
import type { Route } from '../routes/route.ts';
import { checked, readBody } from './body.ts';
import type { ApiEnv, ApiLimits, Caller } from './parts.ts';
import type { ReadingRoom } from './reading-room.ts';
import { assertRole } from './tokens.ts';

/** What was asked, all of it checked. */
export interface Asked<R extends Route> {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<NonNullable<R['body']>>;
  readonly caller: Caller;
  header(name: string): string | undefined;
  /** Which of the media types the client would rather have; the first where it does not say. */
  preferred(media: readonly [string, ...string[]]): string;
}

type Answered<R extends Route> = z.output<R['answer']> | Response;

/** Answers a route: with what it declares, or with a response where it declares media types. */
export type Handler<R extends Route> = (asked: Asked<R>) => Answered<R> | Promise<Answered<R>>;

/** One handler for each route. */
export type Handlers<Routes extends Readonly<Record<string, Route>>> = {
  readonly [Name in keyof Routes]: Handler<Routes[Name]>;
};

/** How bodies are read. */
export interface Mounting {
  readonly limits: ApiLimits;
  readonly room: ReadingRoom;
}

/** Bodies that take a millisecond or two, characters; what is longer is read elsewhere. */
const READ_AT_ONCE = 2_048;

/** Lets the handler answer the route: role, parameters, query and body are checked in that order. */
export function mount(
  api: Hono<ApiEnv>,
  [name, route]: readonly [name: string, Route],
  handle: Handler<Route>,
  mounting: Mounting,
): void {
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
  api.on(route.method.toUpperCase(), path, async (context) => {
    const caller = context.get('caller');
    assertRole(caller, route.role);
    // Its body would be made, and never be read nor let go of.
    if (context.req.method === 'HEAD' && route.media.length > 0)
      throw new FnloopError('not-supported', 'Ask for this by GET.');
    const params = checked(route.params, context.req.param(), 'path');
    const query = checked(route.query, context.req.query(), 'query');
    const body =
      route.body === null
        ? {}
        : await bodyOf(context, { name, takesYaml: route.takesYaml, schema: route.body }, mounting);
    const answer = await handle({
      params,
      query,
      body,
      caller,
      header: (name) => context.req.header(name),
      preferred: (media) => accepts(context, { header: 'Accept', supports: [...media], default: media[0] }),
    });
    return answer instanceof Response ? answer : context.json(answer as object);
  });
}

async function bodyOf(
  { req }: Context<ApiEnv>,
  {
    name,
    takesYaml,
    schema,
  }: { readonly name: string; readonly takesYaml: boolean; readonly schema: z.ZodType },
  { limits, room }: Mounting,
): Promise<unknown> {
  const [type = ''] = (req.header('content-type') ?? '').split(';', 1);
  const media = type.trim().toLowerCase();
  const isYaml = takesYaml && (media === 'application/yaml' || media === 'application/x-yaml');
  if (media !== 'application/json' && !isYaml)
    throw new FnloopError(
      'not-supported',
      `Expected a body of content type application/json${takesYaml ? ' or application/yaml' : ''}.`,
    );
  const text = await req.text();
  if (isYaml && text.length > limits.yamlBytes)
    throw new FnloopError('too-large', `Expected at most ${limits.yamlBytes} characters of YAML.`);
  return text.length <= READ_AT_ONCE
    ? readBody(text, isYaml, schema)
    : room.read({ kind: 'body', route: name, text, isYaml });
}
