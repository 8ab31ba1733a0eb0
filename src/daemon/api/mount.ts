import type { Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import type * as z from 'zod';
import { decodeDocument } from '../../config/document.ts';
import { type Problems, problemSentences, problemsOf, toldProblems } from '../../config/problems.ts';
import { FnloopError } from '../../core/errors.ts';
import type { Route } from '../routes/route.ts';
import type { ApiEnv, ApiLimits, Caller } from './parts.ts';
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

/** Lets the handler answer the route: role, parameters, query and body are checked in that order. */
export function mount(api: Hono<ApiEnv>, route: Route, handle: Handler<Route>, limits: ApiLimits): void {
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
  api.on(route.method.toUpperCase(), path, async (context) => {
    const caller = context.get('caller');
    assertRole(caller, route.role);
    // Its body would be made, and never be read nor let go of.
    if (context.req.method === 'HEAD' && route.media.length > 0)
      throw new FnloopError('not-supported', 'Ask for this by GET.');
    const params = checked(route.params, context.req.param(), 'path');
    const query = checked(route.query, context.req.query(), 'query');
    const body = route.body === null ? {} : await bodyOf(context, route, route.body, limits);
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

function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw invalid(where, problemsOf(schema, value, read.error));
}

/** A request whose content is wrong, with all that is. */
export function invalid(where: string, problems: Problems | readonly string[]): FnloopError {
  const [count, sentences] =
    'count' in problems
      ? [problems.count, problemSentences(problems, where)]
      : [problems.length, toldProblems(problems)];
  return new FnloopError(
    'config-invalid',
    `The ${where} has ${count.toLocaleString('en')} problem${count === 1 ? '' : 's'}.`,
    { problems: sentences },
  );
}

async function bodyOf(
  { req }: Context<ApiEnv>,
  { takesYaml }: Route,
  schema: z.ZodType,
  { yamlBytes }: ApiLimits,
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
  try {
    if (!isYaml) return checked(schema, parsed(text), 'body');
    if (text.length > yamlBytes)
      throw new FnloopError('too-large', `Expected at most ${yamlBytes} characters of YAML.`);
    return decodeDocument(text, 'body', schema);
  } catch (error) {
    // Parsers and checks recur: what is nested to no end exhausts their stack.
    if (error instanceof RangeError) throw invalid('body', ['body is nested too deeply']);
    throw error;
  }
}

/** The parser's own message would repeat what it could not read. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('body', ['body is no JSON']);
  }
}
