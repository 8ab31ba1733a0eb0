import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type * as z from 'zod';
import { FnloopError } from '../../core/errors.ts';
import { waitFor } from '../../core/waiting.ts';
import type { DaemonClient, News } from '../client/client.ts';
import { Curve, type CurvePoint } from '../curve.ts';
import type { BoardStatus, Job } from '../lab.ts';
import { routes } from '../routes/index.ts';

export type About = z.output<typeof routes.about.answer>;

/** Whether what is shown is how things are now. */
export type Connection = 'connecting' | 'live' | 'lost';

/** News come a thousand times a second; people see ten. */
const SHOW_EVERY_MS = 100;
const ASK_ABOUT_EVERY_MS = 3_000;
/** A daemon that says nothing for so long when it is asked how it is may be in any state. */
const SILENCE_MS = 5_000;
const LOAD_WITHIN_MS = 10_000;

/** By which a daemon is followed. */
export interface Clients {
  /** Of the news. */
  readonly stream: DaemonClient;
  /** Of how daemon, boards and jobs are. */
  readonly vital: DaemonClient;
  /** Of what may take its time. */
  readonly patient: DaemonClient;
}

interface Course {
  curve: Curve;
  readonly shown: Signal<readonly CurvePoint[]>;
  hasChanged: boolean;
}

/** Boards and jobs of the daemon as its events tell of them, shown at a pace that people see. */
export class LabView {
  readonly boards: ReadonlySignal<readonly BoardStatus[]>;
  /** Names of all boards that were ever there, each in the place that it was given first: none moves because of another. */
  readonly places: ReadonlySignal<readonly string[]>;
  readonly jobs: ReadonlySignal<readonly Job[]>;
  readonly about: ReadonlySignal<About | null>;
  readonly connection: ReadonlySignal<Connection>;
  /** When the daemon was heard last, while the connection is lost; 0 before the first time. */
  readonly heardWallMs: ReadonlySignal<number>;
  readonly #boards = signal<readonly BoardStatus[]>([]);
  readonly #places = signal<readonly string[]>([]);
  readonly #jobs = signal<readonly Job[]>([]);
  readonly #about = signal<About | null>(null);
  readonly #connection = signal<Connection>('connecting');
  readonly #heardWallMs = signal(0);
  readonly #boardsByName = new Map<string, BoardStatus>();
  readonly #jobsById = new Map<string, Job>();
  readonly #courses = new Map<string, Course>();
  #clients: Clients | undefined;
  #lastWallMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.boards = this.#boards;
    this.places = this.#places;
    this.jobs = this.#jobs;
    this.about = this.#about;
    this.connection = this.#connection;
    this.heardWallMs = this.#heardWallMs;
  }

  /** Shows what the daemon tells until the connection is lost or the signal aborts. Rejects where it refuses or does not answer. */
  async follow(clients: Clients, leaving: AbortSignal): Promise<void> {
    this.#clients = clients;
    const listening = new AbortController();
    const opening = setTimeout(() => listening.abort(), LOAD_WITHIN_MS);
    try {
      // The stream is open before the state is asked for, so that no change falls between the two.
      const news = await clients.stream.events(
        { kinds: 'step,link,board,job' },
        AbortSignal.any([leaving, listening.signal]),
      );
      clearTimeout(opening);
      await this.#load(clients);
      void this.#keepAsking(clients.vital, listening);
      for await (const item of news) {
        if (item.kind === 'lost') return;
        await this.#hear(item);
      }
    } finally {
      clearTimeout(opening);
      listening.abort();
      // Another daemon, or another token, may be followed by now.
      if (this.#clients === clients) this.#lose();
    }
  }

  /** Asks for all of it anew. */
  async reload(): Promise<void> {
    if (this.#clients !== undefined) await this.#load(this.#clients);
  }

  /** The course of a job, asked for when it is first looked at. */
  courseOf(job: string): ReadonlySignal<readonly CurvePoint[]> {
    const known = this.#courses.get(job);
    if (known !== undefined) return known.shown;
    const course: Course = { curve: new Curve(), shown: signal([]), hasChanged: false };
    this.#courses.set(job, course);
    if (this.#clients !== undefined) void this.#loadCourse(this.#clients.patient, job, course);
    return course.shown;
  }

  async #load({ vital, patient }: Clients): Promise<void> {
    const soon = vital.within(LOAD_WITHIN_MS);
    // One after the other: the browser opens few connections to a host.
    const boards = await soon.ask(routes.listBoards);
    const jobs = await soon.ask(routes.listJobs);
    this.#about.value = await soon.ask(routes.about);
    this.#boardsByName.clear();
    for (const board of boards) this.#putBoard(board);
    this.#jobsById.clear();
    for (const job of jobs) this.#jobsById.set(job.id, job);
    this.#lastWallMs = Date.now();
    this.#show();
    this.#connection.value = 'live';
    for (const [job, course] of this.#courses) void this.#loadCourse(patient, job, course);
  }

  /** Ends the listening once the daemon does not answer: its stream alone may be silent for long, and be dead. */
  async #keepAsking(vital: DaemonClient, listening: AbortController): Promise<void> {
    const { signal: isOver } = listening;
    for (;;) {
      await waitFor(ASK_ABOUT_EVERY_MS, isOver);
      if (isOver.aborted) return;
      try {
        this.#about.value = await vital.within(SILENCE_MS).ask(routes.about);
        this.#lastWallMs = Date.now();
      } catch (error) {
        if (error instanceof FnloopError && error.code === 'daemon-unavailable') listening.abort();
      }
    }
  }

  #lose(): void {
    this.#heardWallMs.value = this.#lastWallMs;
    this.#connection.value = this.#lastWallMs === 0 ? 'connecting' : 'lost';
  }

  #putBoard(board: BoardStatus): void {
    this.#boardsByName.set(board.name, board);
    if (!this.#places.value.includes(board.name)) this.#places.value = [...this.#places.value, board.name];
  }

  async #loadCourse(client: DaemonClient, job: string, course: Course): Promise<void> {
    const points = await client.ask(routes.jobCurve, { params: { job } }).catch(() => []);
    const curve = new Curve();
    for (const point of points) curve.add(point);
    const last = points.at(-1)?.step ?? -1;
    // What came while it was asked for.
    for (const point of course.curve.points) if (point.step > last) curve.add(point);
    course.curve = curve;
    course.hasChanged = true;
    this.#showSoon();
  }

  async #hear(news: News): Promise<void> {
    this.#lastWallMs = Date.now();
    switch (news.kind) {
      case 'missed':
        await this.reload();
        return;
      case 'board':
        this.#putBoard(news.board);
        break;
      case 'job':
        this.#jobsById.set(news.job.id, news.job);
        break;
      case 'link': {
        const board = this.#boardsByName.get(news.board);
        if (board !== undefined) this.#boardsByName.set(board.name, { ...board, link: news.link });
        break;
      }
      case 'step': {
        const course = this.#courses.get(news.job);
        if (course === undefined) return;
        course.curve.add(news);
        course.hasChanged = true;
        break;
      }
      default:
        return;
    }
    this.#showSoon();
  }

  #showSoon(): void {
    this.#timer ??= setTimeout(() => this.#show(), SHOW_EVERY_MS);
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#boards.value = this.#places.value.flatMap((name) => this.#boardsByName.get(name) ?? []);
    this.#jobs.value = [...this.#jobsById.values()];
    for (const course of this.#courses.values()) {
      if (!course.hasChanged) continue;
      course.hasChanged = false;
      course.shown.value = [...course.curve.points];
    }
  }
}
