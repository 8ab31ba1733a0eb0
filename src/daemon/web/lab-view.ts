import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type * as z from 'zod';
import type { DaemonClient, News } from '../client/client.ts';
import { Curve, type CurvePoint } from '../curve.ts';
import type { BoardStatus, Job } from '../lab.ts';
import { routes } from '../routes/index.ts';

export type About = z.output<typeof routes.about.answer>;

/** Whether what is shown is how things are now. */
export type Connection = 'connecting' | 'live' | 'lost';

/** News come a thousand times a second; people see ten. */
const SHOW_EVERY_MS = 100;
const ASK_ABOUT_EVERY_MS = 5_000;

interface Course {
  curve: Curve;
  readonly shown: Signal<readonly CurvePoint[]>;
  hasChanged: boolean;
}

/** Boards and jobs of the daemon as its events tell of them, shown at a pace that people see. */
export class LabView {
  readonly boards: ReadonlySignal<readonly BoardStatus[]>;
  readonly jobs: ReadonlySignal<readonly Job[]>;
  readonly about: ReadonlySignal<About | null>;
  readonly connection: ReadonlySignal<Connection>;
  readonly #boards = signal<readonly BoardStatus[]>([]);
  readonly #jobs = signal<readonly Job[]>([]);
  readonly #about = signal<About | null>(null);
  readonly #connection = signal<Connection>('connecting');
  readonly #boardsByName = new Map<string, BoardStatus>();
  readonly #jobsById = new Map<string, Job>();
  readonly #courses = new Map<string, Course>();
  #client: DaemonClient | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.boards = this.#boards;
    this.jobs = this.#jobs;
    this.about = this.#about;
    this.connection = this.#connection;
  }

  /** Shows what the daemon tells until the signal aborts. Rejects where it refuses. */
  async follow(client: DaemonClient, leaving: AbortSignal): Promise<void> {
    this.#client = client;
    this.#connection.value = 'connecting';
    // The stream is open before the state is asked for, so that no change falls between the two.
    const news = await client.events({ kinds: 'step,link,board,job' }, leaving);
    await this.#load(client);
    const asking = setInterval(() => void this.#askAbout(client), ASK_ABOUT_EVERY_MS);
    try {
      for await (const item of news) await this.#hear(client, item);
    } finally {
      clearInterval(asking);
    }
  }

  /** Asks for all of it anew. */
  async reload(): Promise<void> {
    if (this.#client !== undefined) await this.#load(this.#client);
  }

  /** The course of a job, asked for when it is first looked at. */
  courseOf(job: string): ReadonlySignal<readonly CurvePoint[]> {
    const known = this.#courses.get(job);
    if (known !== undefined) return known.shown;
    const course: Course = { curve: new Curve(), shown: signal([]), hasChanged: false };
    this.#courses.set(job, course);
    if (this.#client !== undefined) void this.#loadCourse(this.#client, job, course);
    return course.shown;
  }

  async #load(client: DaemonClient): Promise<void> {
    const [boards, jobs] = await Promise.all([
      client.ask(routes.listBoards),
      client.ask(routes.listJobs),
      this.#askAbout(client),
    ]);
    this.#boardsByName.clear();
    for (const board of boards) this.#boardsByName.set(board.name, board);
    this.#jobsById.clear();
    for (const job of jobs) this.#jobsById.set(job.id, job);
    this.#show();
    this.#connection.value = 'live';
    for (const [job, course] of this.#courses) void this.#loadCourse(client, job, course);
  }

  async #askAbout(client: DaemonClient): Promise<void> {
    // Where the daemon is away, the stream of events says so.
    this.#about.value = await client.ask(routes.about).catch(() => this.#about.value);
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

  async #hear(client: DaemonClient, news: News): Promise<void> {
    switch (news.kind) {
      case 'lost':
        this.#connection.value = 'lost';
        return;
      case 'back':
      case 'missed':
        await this.#load(client);
        return;
      case 'board':
        this.#boardsByName.set(news.board.name, news.board);
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
    this.#boards.value = [...this.#boardsByName.values()];
    this.#jobs.value = [...this.#jobsById.values()];
    for (const course of this.#courses.values()) {
      if (!course.hasChanged) continue;
      course.hasChanged = false;
      course.shown.value = [...course.curve.points];
    }
  }
}
