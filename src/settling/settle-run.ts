import type { Board } from '../board/board.ts';
import type { ArrayReading } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import { inquire, judge } from '../scheduling/inquiry.ts';
import type { SettledBatch } from '../scheduling/journal.ts';
import type { RunFile } from '../store/run-file.ts';
import { CellWitness } from './cell-witness.ts';
import type { NodeMemory } from './node-memory.ts';
import { intendedBatches, type OpenIntent, openIntents, wavesOf } from './open-intents.ts';
import { recordedReading } from './recorded-reading.ts';

/** What was found out about the batches that a process left open when it died. */
export interface Settlement {
  readonly executed: number;
  readonly inferred: number;
  readonly unrun: number;
}

/**
 * Settles what the last process that wrote this file left open: asks the board, and where that has restarted
 * since, the cells. Nothing is sent that changes them. Writes verdicts and codes into the file.
 */
export async function settleRun(runFile: RunFile, board: Board, chip: ChipModel): Promise<Settlement> {
  const open = await openIntents(runFile);
  const witness = new CellWitness(board, chip, await wavesOf(runFile));
  await recall(runFile, witness.memory);
  const settled: SettledBatch[] = [];
  for (const bootNonce of new Set(open.map((intent) => intent.bootNonce))) {
    const ofBoot = open.filter((intent) => intent.bootNonce === bootNonce);
    settled.push(...(await settleBoot(runFile, board, witness, ofBoot, bootNonce)));
  }
  const count = (kind: SettledBatch['verdict']['kind']) =>
    settled.filter(({ verdict }) => verdict.kind === kind).length;
  return { executed: count('executed'), inferred: count('inferred'), unrun: count('unrun') };
}

async function settleBoot(
  runFile: RunFile,
  board: Board,
  witness: CellWitness,
  open: readonly OpenIntent[],
  bootNonce: number,
): Promise<readonly SettledBatch[]> {
  const batches = open.map(({ batch }) => ({ batch, known: undefined }));
  const { executed, left, leftAre } = await inquire(board, batches, bootNonce);
  for (const { batch, outcome } of executed) witness.note(batch, outcome);
  const { settled, judgement } =
    leftAre === 'forgotten'
      ? await judge(witness, left, bootNonce)
      : {
          settled: left.map(({ batch }) => ({ batch, bootNonce, verdict: { kind: 'unrun' as const } })),
          judgement: undefined,
        };
  const known = executed.map(({ batch, outcome }) => ({
    batch,
    bootNonce,
    verdict: { kind: 'executed' as const, outcome },
  }));
  const step = open[0]?.step ?? 0;
  await runFile.event(step, 'settled-open', {
    bootNonce,
    intents: open.map(({ batch }) => batch.intent),
    ...judgement,
  });
  await runFile.settle([...known, ...settled]);
  return [...known, ...settled];
}

/** What the file knows for certain of the cells: its last reading, which is returned, and the pulses since in the same boot. */
export async function recall(runFile: RunFile, memory: NodeMemory): Promise<ArrayReading | undefined> {
  const last = await recordedReading(runFile);
  if (last === undefined) return undefined;
  memory.noteReading(last);
  for (const { batch, outcome } of await outcomesSince(runFile, last)) memory.noteOutcome(batch, outcome);
  return last;
}

async function outcomesSince(
  runFile: RunFile,
  { bootNonce, boardTimeUs }: Pick<ArrayReading, 'bootNonce' | 'boardTimeUs'>,
) {
  const rows = await runFile.query<{
    intent: number;
    startedUs: number;
    boardTimeUs: number;
    slotsDone: number;
  }>(`
    SELECT intent, started_us AS "startedUs", board_time_us AS "boardTimeUs", slots_done AS "slotsDone"
    FROM outcomes JOIN intents USING (intent)
    WHERE verdict = 'executed' AND started_us >= ${boardTimeUs} AND boot_nonce = ${bootNonce}
    ORDER BY intent`);
  const batches = await intendedBatches(
    runFile,
    rows.map(({ intent }) => intent),
  );
  const codes = await codesOf(
    runFile,
    rows.map(({ intent }) => intent),
  );
  return rows.flatMap(({ intent, ...row }) => {
    const batch = batches.get(intent);
    if (batch === undefined) return [];
    return [
      { batch, outcome: { ...row, batch: batch.batch, codes: Int32Array.from(codes.get(intent) ?? []) } },
    ];
  });
}

/** Codes before and after each pulse, by intent, in the order of the pulses. */
async function codesOf(runFile: RunFile, intents: readonly number[]): Promise<ReadonlyMap<number, number[]>> {
  const codes = new Map(intents.map((intent): [number, number[]] => [intent, []]));
  if (intents.length === 0) return codes;
  const rows = await runFile.query<{ intent: number; before: number; after: number }>(`
    SELECT intent, before_code AS before, after_code AS after FROM pulses
    WHERE intent IN (${intents.join(', ')}) ORDER BY rowid`);
  for (const { intent, before, after } of rows) codes.get(intent)?.push(before, after);
  return codes;
}
