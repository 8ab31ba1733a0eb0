import * as z from 'zod';
import type { Role } from '../roles.ts';

/** Where a daemon listens unless its configuration says otherwise. */

/** Where the API lies. */
export const API_PATH = '/api/v1';

const nothing = z.strictObject({});
type Nothing = typeof nothing;

/** One thing that may be asked of the daemon, declared once: server, document, client and fuzzing derive from it. */
export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'delete';
  /** Below `API_PATH`, its parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly role: Role;
  readonly params: Params;
  readonly query: Query;
  /** Null where a body is not looked at. */
  readonly body: Body | null;
  /** YAML is taken too. */
  readonly takesYaml: boolean;
  readonly answer: Answer;
  /** Media types that are answered besides, or instead of, JSON; none of them is described by `answer`. */
  readonly media: readonly string[];
}

interface Declared<P, Q, B, A> {
  readonly method: Route['method'];
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly role: Role;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly takesYaml?: boolean;
  readonly answer: A;
  readonly media?: readonly string[];
}

export const route = <
  A extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = Nothing,
>({
  params,
  query,
  body,
  takesYaml = false,
  media = [],
  ...declared
}: Declared<P, Q, B, A>): Route<P, Q, B, A> => ({
  ...declared,
  // Where none is declared its type is that of `nothing`.
  params: params ?? (nothing as unknown as P),
  query: query ?? (nothing as unknown as Q),
  body: body ?? null,
  takesYaml,
  media,
});

/** Media type of what is no JSON and has no schema of its own. */
export const noJson = z.never();

/** What every refusal looks like. */
export const refusalSchema = z
  .strictObject({
    error: z.strictObject({
      /** As in the table of errors in README.md. */
      code: z.string(),
      message: z.string(),
      /** All that is wrong, each a sentence. */
      problems: z.array(z.string()).readonly(),
    }),
  })
  .meta({ id: 'Refusal' });
