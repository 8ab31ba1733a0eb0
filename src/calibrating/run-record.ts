import type { WeightSign } from '../../calibration/physics/cell.ts';
import type { PulseKind } from '../../firmware-protocol/slots.ts';
import { nodeNumber } from '../board/nodes.ts';
import { pulseTimes } from '../board/timing.ts';
import type { BoardIdentity } from '../board/types.ts';
import { intendedBatches, wavesOf } from '../settling/open-intents.ts';
import type { Manifest } from '../store/manifest.ts';

/** A run file that can be asked. */
export interface RunSource {
  readonly manifest: Manifest;
  query<T>(sql: string): Promise<T[]>;
}

/** A reading of one node, at a board time of its boot. */
export interface ReadingOf {
  readonly node: number;
  readonly atUs: number;
  readonly code: number;
}

/** A pulse with the codes of its node before and after it, at board times of its boot. */
export interface PulseOf {
  readonly node: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly dacCode: number;
  readonly before: Omit<ReadingOf, 'node'>;
  readonly after: Omit<ReadingOf, 'node'>;
}

/** Something happened to a node, nobody knows when: after `afterUs`, before whatever is known of the node next. */
export interface Doubt {
  readonly node: number;
  readonly afterUs: number;
}

/** What is known of the nodes in one boot of their board, on whose clock all times are. */
export interface Boot {
  readonly bootNonce: number;
  readonly readings: readonly ReadingOf[];
  readonly pulses: readonly PulseOf[];
  readonly doubts: readonly Doubt[];
  /** Temperatures that the board told, in order of time; none where it has no sensor. */
  readonly temperatures: readonly { readonly atUs: number; readonly temperatureK: number }[];
  /** Last batch that the board is known to have run by the end; 0 for none. */
  readonly lastBatch: number;
}

/** What a run file says of the nodes, boot after boot. */
export interface RunRecord {
  readonly board: BoardIdentity;
  readonly boots: readonly Boot[];
}

interface ReadingRow {
  readonly bootNonce: number;
  readonly boardTimeUs: number;
  readonly step: number;
  readonly convertedUs: number;
  readonly cell: number;
  readonly setCode: number;
  readonly resetCode: number;
  readonly temperatureK: number | null;
}

interface BatchRow {
  readonly intent: number;
  readonly bootNonce: number;
  readonly batch: number;
  readonly step: number;
  readonly verdict: 'executed' | 'inferred';
  readonly slotsDone: number;
  readonly startedUs: number | null;
  readonly boardTimeUs: number | null;
}

interface CodesRow {
  readonly intent: number;
  readonly cell: number;
  readonly kind: PulseKind;
  readonly wave: number;
  readonly before: number;
  readonly after: number;
}

/**
 * All that a run file says of what happened to the nodes and what they read. A SET pulse acts on the node that READ calls S where
 * `sign` is 1, on R where it is -1; its codes are those of the node it acted on.
 */
export async function recordOf(run: RunSource, sign: WeightSign): Promise<RunRecord> {
  const { identity: board } = run.manifest.board;
  const readings = await run.query<ReadingRow>(`
    SELECT boot_nonce AS "bootNonce", board_time_us AS "boardTimeUs", step, converted_us AS "convertedUs", cell,
           set_code AS "setCode", reset_code AS "resetCode", temperature_k AS "temperatureK"
    FROM readings ORDER BY rowid`);
  const batches = await run.query<BatchRow>(`
    SELECT intent, boot_nonce AS "bootNonce", batch, step, verdict, slots_done AS "slotsDone", started_us AS "startedUs",
           board_time_us AS "boardTimeUs"
    FROM outcomes JOIN intents USING (intent) WHERE slots_done > 0 ORDER BY intent`);
  const pulsesOf = await executedPulses(run, board, batches, sign);
  const nodeOf = ({ cell, kind }: Pick<CodesRow, 'cell' | 'kind'>) => pulsedNode(cell, kind, sign);
  const inferred = await run.query<{ intent: number; cell: number; kind: PulseKind }>(
    'SELECT intent, cell, kind FROM pulses WHERE before_code IS NULL ORDER BY intent',
  );

  const nonces = new Set([...readings, ...batches].map(({ bootNonce }) => bootNonce));
  const boots = [...nonces].map((bootNonce): Boot => {
    const read = readings.filter((row) => row.bootNonce === bootNonce);
    const ran = batches.filter((row) => row.bootNonce === bootNonce);
    const executed = ran.filter(({ verdict }) => verdict === 'executed');
    const doubts = ran
      .filter(({ verdict }) => verdict === 'inferred')
      .flatMap(({ intent, step }) => {
        const afterUs = Math.max(
          0,
          ...executed.flatMap((row) => (row.intent < intent ? [row.boardTimeUs ?? 0] : [])),
          ...read.flatMap((row) => (row.step < step ? [row.boardTimeUs] : [])),
        );
        return inferred
          .filter((pulse) => pulse.intent === intent)
          .map((pulse): Doubt => ({ node: nodeOf(pulse), afterUs }));
      });
    return {
      bootNonce,
      readings: read.flatMap(({ cell, convertedUs: atUs, setCode, resetCode }) => [
        { node: nodeNumber(cell, 'SET'), atUs, code: setCode },
        { node: nodeNumber(cell, 'RESET'), atUs, code: resetCode },
      ]),
      pulses: executed.flatMap(({ intent }) => pulsesOf.get(intent) ?? []),
      doubts,
      temperatures: read
        .filter(({ boardTimeUs }, index) => boardTimeUs !== read[index - 1]?.boardTimeUs)
        .flatMap(({ boardTimeUs: atUs, temperatureK }) =>
          temperatureK === null ? [] : [{ atUs, temperatureK }],
        ),
      lastBatch: Math.max(
        bootNonce === board.bootNonce ? board.lastBatch : 0,
        ...ran.map(({ batch }) => batch),
      ),
    };
  });
  return { board, boots };
}

/** The node, as READ numbers it, that a pulse acts on. */
export const pulsedNode = (cell: number, kind: PulseKind, sign: WeightSign): number =>
  nodeNumber(cell, (kind === 'SET') === (sign === 1) ? 'SET' : 'RESET');

/** Executed pulses by intent, each with its times. */
async function executedPulses(
  run: RunSource,
  board: BoardIdentity,
  batches: readonly BatchRow[],
  sign: WeightSign,
): Promise<ReadonlyMap<number, readonly PulseOf[]>> {
  const waves = await wavesOf(run);
  const executed = batches.filter(({ verdict }) => verdict === 'executed');
  const planned = await intendedBatches(
    run,
    executed.map(({ intent }) => intent),
  );
  const codes = new Map<number, CodesRow[]>();
  for (const row of await run.query<CodesRow>(`
    SELECT intent, cell, kind, wave, before_code AS before, after_code AS after
    FROM pulses WHERE before_code IS NOT NULL ORDER BY rowid`)) {
    const known = codes.get(row.intent);
    if (known === undefined) codes.set(row.intent, [row]);
    else known.push(row);
  }
  const widthUsOf = (wave: number) => waves.get(wave)?.widthUs ?? 0;
  return new Map(
    executed.map(({ intent, startedUs, slotsDone }) => {
      const { slots = [], gapUs = 0 } = planned.get(intent) ?? {};
      const times = pulseTimes({ slots: slots.slice(0, slotsDone), gapUs }, startedUs ?? 0, widthUsOf, board);
      const pulses = (codes.get(intent) ?? []).flatMap(({ cell, kind, wave, before, after }, index) => {
        const at = times[index];
        if (at === undefined) return [];
        return [
          {
            node: pulsedNode(cell, kind, sign),
            startUs: at.startUs,
            endUs: at.endUs,
            dacCode: waves.get(wave)?.dacCode ?? 0,
            before: { atUs: at.beforeUs, code: before },
            after: { atUs: at.afterUs, code: after },
          },
        ];
      });
      return [intent, pulses];
    }),
  );
}
