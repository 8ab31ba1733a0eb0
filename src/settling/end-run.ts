import type { Board } from '../board/board.ts';
import { broughtToRest } from '../board/rest-watch.ts';
import type { RunFile } from '../store/run-file.ts';

/** Closes the file of a run that came to its end or to an interruption; where its board was brought to rest, the file says by what. */
export async function endRun(
  runFile: RunFile,
  board: Board,
  status: 'finished' | 'interrupted',
  manifest: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { rest } = board;
  if (status === 'finished' || rest === undefined) {
    await runFile.end(status, board.statistics, manifest);
    return;
  }
  const [{ step = 0 } = {}] = await runFile.query<{ step: number | null }>(
    'SELECT max(step) AS step FROM steps',
  );
  await runFile.event(step ?? 0, 'brought-to-rest', rest);
  const { message: failure } = broughtToRest(board.identity.boardId, rest);
  await runFile.end(status, board.statistics, { ...manifest, failure });
}
