import { systemClock } from '../../core/clock.ts';
import { errorKinds, messageOf } from '../../core/errors.ts';
import type { Asked, FromWorker, WorkerNews } from '../messages.ts';
import { sentError } from '../sent-errors.ts';
import { BoardWorker } from './board-worker.ts';

/** A defect must not keep outputs armed, nor the process alive. */
const LAST_RESORT_MS = 1_500;

const send = (message: FromWorker, sent: () => void = () => {}): void => {
  // Once the daemon is gone there is nobody to hear; its end is heard of below.
  if (process.connected) process.send?.(message, undefined, {}, sent);
  else sent();
};
const tell = (news: WorkerNews): void => send({ kind: 'news', news });

const worker = new BoardWorker(systemClock, tell);
let isEnding = false;

process.on('message', ({ id, kind, ask }: Asked) => {
  worker.answer(kind, ask).then(
    (answer) => {
      // What was told before is on its way before it.
      send({ kind: 'answer', id, answer }, kind === 'end' ? leave : undefined);
    },
    (error: unknown) => send({ kind: 'refusal', id, error: sentError(error) }),
  );
});
process.on('disconnect', end);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, end);
// A terminal tells the whole group; only the daemon knows what to do about it.
process.on('SIGHUP', () => {});
process.once('uncaughtException', (error) => {
  tell({ kind: 'note', level: 'error', text: `A defect of fnloop: ${error.stack ?? messageOf(error)}` });
  const leaveNow = () => process.exit(errorKinds.invariant.exitCode);
  setTimeout(leaveNow, LAST_RESORT_MS);
  worker.abandon().then(leaveNow, leaveNow);
});
tell({ kind: 'up' });

/** Without a daemon, or told to by a signal, the worker ends as in order as it can. */
function end(): void {
  if (isEnding) return;
  isEnding = true;
  worker.end().then(leave, leave);
}

function leave(): void {
  process.exit(0);
}
