import type { Random } from '../../../src/core/random.ts';

/** What a client of a daemon may ask about. */
export interface Known {
  readonly boards: readonly string[];
  readonly jobs: readonly string[];
  readonly endedRuns: readonly string[];
}

interface Request {
  readonly path: string;
  readonly init?: RequestInit;
}

/** One kind of request. */
export interface Ask {
  readonly name: string;
  /** How often it is made, beside the others. */
  readonly weight: number;
  /** Undefined where there is nothing yet to ask about. */
  request(known: Known, random: Random): Request | undefined;
}

const API = '/api/v1';

const always = (name: string, weight: number, path: string): Ask => ({
  name,
  weight,
  request: () => ({ path }),
});

const about = (
  name: string,
  weight: number,
  what: keyof Known,
  request: (named: string) => Request,
): Ask => ({
  name,
  weight,
  request: (known, random) => {
    const named = known[what][random.integer(Math.max(1, known[what].length))];
    return named === undefined ? undefined : request(named);
  },
});

const ofRun = (name: string, weight: number, path: string): Ask =>
  about(name, weight, 'endedRuns', (run) => ({ path: `${API}/runs/${run}${path}` }));

/** What pages, scripts and people ask of a daemon. Boards that train refuse to plan, and that is an answer too. */
export const asks: readonly Ask[] = [
  always('boards', 12, `${API}/boards`),
  always('jobs', 12, `${API}/jobs`),
  always('runs', 6, `${API}/runs?limit=50`),
  always('openapi', 1, `${API}/openapi.json`),
  always('about', 2, `${API}/about`),
  always('bounds', 2, `${API}/bounds?model=gpt-3`),
  always('no such run', 1, `${API}/runs/none`),
  about('one board', 4, 'boards', (board) => ({ path: `${API}/boards/${board}` })),
  about('cells', 8, 'boards', (board) => ({ path: `${API}/boards/${board}/cells` })),
  about('plan', 3, 'boards', (board) => ({
    path: `${API}/plans`,
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ board, experiment: 'breast-cancer' }),
    },
  })),
  about('one job', 4, 'jobs', (job) => ({ path: `${API}/jobs/${job}` })),
  ofRun('one run', 6, ''),
  ofRun('updates, JSON', 4, '/tables/updates?limit=1000'),
  ofRun('steps, JSON', 3, '/tables/steps?limit=1000'),
  ofRun('updates, CSV', 2, '/tables/updates?form=csv'),
  ofRun('link, CSV', 2, '/tables/link?form=csv'),
  ofRun('updates, Parquet', 1, '/tables/updates?form=parquet'),
  ofRun('report', 1, '/report'),
];
