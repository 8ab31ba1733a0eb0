import { type HolderWork, SafeDoor } from '../../board/safe-door.ts';
import type { WorkerNews, WorkerSettings } from '../messages.ts';

interface DoorParts {
  readonly work: () => { readonly runId: string; readonly trainer: unknown } | undefined;
  readonly settings: () => WorkerSettings | undefined;
  /** Brings the board to rest as it does for the daemon. */
  readonly safe: (by: string) => Promise<{ readonly wasArmed: boolean }>;
  readonly tell: (news: WorkerNews) => void;
}

/** Lets others on this machine have a daemon's board brought to rest without the daemon: it may be busy, or behind its limits. */
export const doorOf = ({ work, settings, safe, tell }: DoorParts): SafeDoor =>
  new SafeDoor({
    work: () => workInWords(work(), settings()?.runs),
    note: (text) => tell({ kind: 'note', level: 'warn', text }),
    makeSafe: async (by) => {
      const { wasArmed } = await safe(by);
      return { wasArmed: wasArmed ? 'yes' : 'no', boardTimeUs: null };
    },
  });

function workInWords(work: ReturnType<DoorParts['work']>, runs: string | undefined): HolderWork {
  if (work === undefined) return { command: 'fnloop daemon', run: null, goOn: null };
  const { runId, trainer } = work;
  // A trainer outside has to begin anew.
  if (trainer !== undefined)
    return { command: 'fnloop daemon, a session from outside', run: runId, goOn: null };
  return { command: 'fnloop daemon', run: runId, goOn: `fnloop runs resume ${runId} --runs ${runs}` };
}
