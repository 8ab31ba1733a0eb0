import type { LabEvent } from './lab.ts';
import type { WorkerNews } from './messages.ts';

/** What those who watch the lab hear of a worker's news; undefined for what is told in another way. `work` is the job or session. */
export function labEventOf(board: string, work: string, news: WorkerNews): LabEvent | undefined {
  switch (news.kind) {
    case 'status':
      return { kind: 'link', board, link: news.link };
    case 'step':
      return { kind: 'step', board, job: work, ...news.step };
    case 'updates':
      return { kind: 'updates', board, ...news.updates };
    default:
      return undefined;
  }
}
