import type { Shape, Values } from './field.ts';

/** A verb declared once: encoder, decoder, host types, the mock's dispatcher and PROTOCOL.md derive from it. */
export interface Command<Request extends Shape, Reply extends Shape> {
  readonly verb: Uppercase<string>;
  readonly summary: string;
  /** `changes` must never be repeated blindly after a lost reply; the other two may be asked again. */
  readonly effect: 'observes' | 'idempotent' | 'changes';
  readonly request: Request;
  readonly reply: Reply;
}

export type AnyCommand = Command<Shape, Shape>;
export type RequestOf<C extends AnyCommand> = Values<C['request']>;
export type ReplyOf<C extends AnyCommand> = Values<C['reply']>;

export const command = <Request extends Shape, Reply extends Shape>(
  declaration: Command<Request, Reply>,
): Command<Request, Reply> => declaration;
