import type * as z from 'zod';
import type { DaemonClient } from '../../client/client.ts';
import type { CurvePoint } from '../../curve.ts';
import { routes } from '../../routes/index.ts';

/** The result of an ended run with its course. */
export type ComparedRun = z.output<typeof routes.oneRun.answer> & { readonly curve: readonly CurvePoint[] };

/** Ended runs, each asked for once: they do not change. */
export class ComparedRuns {
  readonly #byId = new Map<string, Promise<ComparedRun>>();

  of(client: DaemonClient, id: string): Promise<ComparedRun> {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const run = ask(client, id);
    this.#byId.set(id, run);
    run.catch(() => this.#byId.delete(id));
    return run;
  }
}

async function ask(client: DaemonClient, run: string): Promise<ComparedRun> {
  const [result, curve] = await Promise.all([
    client.ask(routes.oneRun, { params: { run } }),
    client.ask(routes.runCurve, { params: { run } }),
  ]);
  return { ...result, curve };
}
