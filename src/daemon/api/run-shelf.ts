import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import { FnloopError } from '../../core/errors.ts';
import { FIGURES_FOLDER, listRunIds, REPORT_FILE, RUN_FILE } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';
import type { Lab } from '../lab.ts';
import type { RunListed } from '../routes/runs.ts';
import type { ApiLimits } from './parts.ts';
import { describeRun } from './run-listed.ts';

/** Ids that may stand in a header; others are not served. */
const SAFE_ID = /^[\w.-]{1,200}$/;

/** What DuckDB may keep of one file: a table goes through, and is not held. */
const READING_MEMORY = '256MB';

/** The runs of the daemon, for whoever reads them: a few at once, the same few whatever is asked. */
export class RunShelf {
  readonly #runsFolder: string;
  readonly #lab: Lab;
  readonly #turn: LimitFunction;
  readonly #limits: ApiLimits;
  /** What the list says of a file, as long as it has not changed. */
  readonly #listed = new Map<string, { readonly stamp: string; readonly run: RunListed }>();

  constructor(runsFolder: string, lab: Lab, limits: ApiLimits) {
    this.#runsFolder = runsFolder;
    this.#lab = lab;
    this.#limits = limits;
    this.#turn = pLimit(limits.runsReadAtOnce);
  }

  /** Newest first. */
  ids(): string[] {
    return listRunIds(this.#runsFolder)
      .filter((id) => SAFE_ID.test(id))
      .reverse();
  }

  /** The folder of the run of that id, or of the newest as `last`: names are looked up, and never joined. Throws `not-found`. */
  folderOf(name: string): { readonly id: string; readonly folder: string } {
    const ids = this.ids();
    const id = name === 'last' ? ids[0] : ids.find((candidate) => candidate === name);
    if (id === undefined) throw new FnloopError('not-found', 'There is no run of that name.');
    return { id, folder: join(this.#runsFolder, id) };
  }

  /** Opens a run that nobody writes. Rejects with `not-found`, `run-in-use` or `too-many`. */
  async read<T>(name: string, use: (run: RunReader, id: string) => Promise<T>): Promise<T> {
    const { id, folder } = this.folderOf(name);
    this.#assertEnded(id);
    if (this.#turn.pendingCount >= this.#limits.runsWaiting)
      throw new FnloopError('too-many', 'Too many run files are being read: ask later.');
    return this.#turn(() =>
      RunReader.with(folder, async (run) => {
        await run.query(`SET memory_limit = '${READING_MEMORY}'`);
        return use(run, id);
      }),
    );
  }

  /** One line of the list; undefined for a run that was removed meanwhile. */
  async listed(id: string): Promise<RunListed | undefined> {
    const file = statSync(join(this.#runsFolder, id, RUN_FILE), { throwIfNoEntry: false });
    if (file === undefined) return undefined;
    const stamp = `${file.mtimeMs} ${file.size}`;
    const known = this.#listed.get(id);
    if (known?.stamp === stamp) return known.run;
    try {
      const run = await this.read(id, describeRun);
      this.#listed.set(id, { stamp, run });
      return run;
    } catch (error) {
      if (!(error instanceof FnloopError) || error.code === 'too-many') throw error;
      return unreadable(id, error);
    }
  }

  reportOf(folder: string): string {
    const file = join(folder, REPORT_FILE);
    if (existsSync(file)) return file;
    throw new FnloopError('not-found', 'That run has no report yet.');
  }

  hasReport(folder: string): boolean {
    return existsSync(join(folder, REPORT_FILE));
  }

  figuresOf(folder: string): string[] {
    const figures = join(folder, FIGURES_FOLDER);
    if (!existsSync(figures)) return [];
    return readdirSync(figures)
      .filter((file) => SAFE_ID.test(file) && file.endsWith('.svg'))
      .map((file) => file.slice(0, -'.svg'.length))
      .sort();
  }

  figureOf(folder: string, name: string): string {
    const figure = this.figuresOf(folder).find((candidate) => candidate === name);
    if (figure === undefined) throw new FnloopError('not-found', 'That run has no figure of that name.');
    return join(folder, FIGURES_FOLDER, `${figure}.svg`);
  }

  /** The lab knows sooner than the file does: what it runs is not touched. */
  #assertEnded(id: string): void {
    const isLive = this.#lab
      .jobs()
      .some(({ runId, state }) => runId === id && (state === 'running' || state === 'paused'));
    if (isLive)
      throw new FnloopError(
        'run-in-use',
        `Run ${id} is being written: watch it by /api/v1/events until it has ended.`,
      );
  }
}

const unreadable = (runId: string, { code, message }: FnloopError): RunListed => ({
  runId,
  status: null,
  source: null,
  board: null,
  task: null,
  policy: null,
  startedWallNs: null,
  testAccuracy: null,
  updates: null,
  energyPerUpdateFJ: null,
  matchedPerUpdateZJ: null,
  unreadable: { code, message },
});
