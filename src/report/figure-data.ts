import { weightV } from '../../calibration/physics/cell.ts';
import { convertersOf } from '../board/converters.ts';
import { interruptionsOf } from '../store/interruptions.ts';
import type { RunReader } from '../store/run-reader.ts';
import { readWaterfall, type Waterfall } from '../store/waterfall.ts';
import {
  type AccuracyOverEnergy,
  type EnergySeries,
  readAccuracyOverEnergy,
  readEnergySeries,
} from './energy-series.ts';

export interface AccuracyPoint {
  readonly step: number;
  readonly part: 'train' | 'test';
  readonly accuracy: number;
}

export interface UpdateSize {
  readonly kind: string;
  readonly changeUV: number;
}

export interface WeightPoint {
  readonly weight: string;
  readonly weightMV: number;
}

/** Rows behind the figures of a report. */
export interface FigureData {
  readonly accuracy: readonly AccuracyPoint[];
  /** Steps after which the run was interrupted. */
  readonly interruptedSteps: readonly number[];
  readonly series: EnergySeries;
  readonly waterfall: Waterfall;
  readonly accuracyOverEnergy: readonly AccuracyOverEnergy[];
  readonly sizes: readonly UpdateSize[];
  readonly weights: readonly WeightPoint[];
}

export async function readFigureData(run: RunReader): Promise<FigureData> {
  return {
    accuracy: await run.query<AccuracyPoint>(`
      SELECT step, 'train' AS part, train_accuracy AS accuracy FROM steps
      UNION ALL SELECT step, 'test', test_accuracy FROM steps ORDER BY part, step`),
    interruptedSteps: (await interruptionsOf(run)).map(({ afterStep }) => afterStep),
    series: await readEnergySeries(run),
    waterfall: await readWaterfall(run),
    accuracyOverEnergy: await readAccuracyOverEnergy(run),
    sizes: await run.query<UpdateSize>(`
      SELECT kind, (weight_after_v - weight_before_v) * 1e6 AS "changeUV" FROM updates ORDER BY update_id`),
    weights: await readWeights(run),
  };
}

async function readWeights(run: RunReader): Promise<WeightPoint[]> {
  const { manifest } = run;
  const { nodeVPerCode } = convertersOf(manifest.board.identity);
  const names = manifest.features === undefined ? [] : [...manifest.features, 'bias'];
  const nameOf = new Map(names.map((name, index) => [manifest.cells?.[index] ?? index, name]));
  const last = await run.query<{ cell: number; set: number; reset: number }>(`
    SELECT cell, set_code AS "set", reset_code AS "reset" FROM readings
    SEMI JOIN (SELECT max(step) AS step FROM steps) AS last USING (step)
    QUALIFY row_number() OVER (PARTITION BY cell ORDER BY rowid DESC) = 1 ORDER BY cell`);
  return last.map(({ cell, set, reset }) => {
    const nodes = { setNodeV: set * nodeVPerCode, resetNodeV: reset * nodeVPerCode };
    return {
      weight: nameOf.get(cell) ?? `cell ${cell}`,
      weightMV: 1e3 * weightV(nodes, manifest.weightSign ?? 1),
    };
  });
}
