import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FnloopError } from '../core/errors.ts';
import type { AskKind, Asks, FromWorker, WorkerNews } from './messages.ts';
import { receivedError } from './sent-errors.ts';

/** What a worker's process runs. */
export const workerEntry = fileURLToPath(new URL('./worker/main.js', import.meta.url));

export interface WorkerEars {
  hear(news: WorkerNews): void;
  /** What it wrote on its own: a defect, most likely. */
  overhear(line: string): void;
  /** It is gone, and why. */
  died(reason: string): void;
}

/** The process of one board, seen from the daemon. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (answer: never) => void; readonly reject: (error: unknown) => void }
  >();
  readonly #gone: Promise<void>;
  #nextId = 1;
  #isGone = false;

  constructor(entry: string, ears: WorkerEars) {
    this.#child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => ears.overhear(line));
    this.#child.on('message', (message: FromWorker) => this.#receive(message, ears));
    this.#gone = new Promise((resolve) => {
      const over = (reason: string) => {
        if (this.#isGone) return;
        this.#isGone = true;
        for (const { reject } of this.#waiting.values())
          reject(new FnloopError('link-lost', `The process of the board is gone: ${reason}.`));
        this.#waiting.clear();
        ears.died(reason);
        resolve();
      };
      this.#child.once('exit', (code, signal) => over(signal === null ? `exit status ${code}` : `${signal}`));
      this.#child.once('error', ({ message }) => over(message));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves once it is. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /** Rejects as the worker does, and with `link-lost` when its process ends first. */
  ask<Kind extends AskKind>(kind: Kind, ask: Asks[Kind]['ask']): Promise<Asks[Kind]['answer']> {
    if (this.#isGone)
      return Promise.reject(new FnloopError('link-lost', 'The process of the board is gone.'));
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise<Asks[Kind]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // Where it cannot be sent the process is gone, which is told for all.
      this.#child.send({ id, kind, ask }, () => {});
    });
  }

  /** Ends it in order, or by force where it takes longer than that. */
  async end(withinMs: number): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    this.ask('end', null).catch(() => {});
    await this.#gone.finally(() => clearTimeout(force));
  }

  #receive(message: FromWorker, ears: WorkerEars): void {
    if (message.kind === 'news') {
      ears.hear(message.news);
      return;
    }
    const asked = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    // What was answered is what was asked: both ends are of one build.
    if (message.kind === 'answer') asked?.resolve(message.answer as never);
    else asked?.reject(receivedError(message.error));
  }
}
