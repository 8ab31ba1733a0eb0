import { accelerators } from '../../calibration/bounds/accelerators.ts';
import {
  type AssumptionName,
  assuming,
  assumptions as assumptionsByName,
  type BoundAssumptions,
} from '../../calibration/bounds/assumptions.ts';
import { bandCenterJ, compareWithBand, publishedBand } from '../../calibration/bounds/published-band.ts';
import { type InputName, type Sensitivity, sensitivities } from '../../calibration/bounds/sensitivity.ts';
import { type BoundName, boundNames, trainingBounds } from '../../calibration/bounds/training-bounds.ts';
import { type TrainingLoad, updatesPerParameter } from '../../calibration/bounds/training-load.ts';
import { meanRatePerS } from '../../calibration/bounds/update-bounds.ts';
import { J_PER_ZJ, thermalEnergyZJ } from '../../calibration/constants.ts';
import type { NamedModel } from '../../calibration/models.ts';
import type { Provenance } from '../../calibration/provenance.ts';
import { type ProjectedRun, type Projection, projectRun } from './projection.ts';

const J_PER_KWH = 3.6e6;

/** `given`: stated by whoever asks. */
export type Origin = Provenance | 'given';

/** A training to bound: one with published numbers, or numbers of one's own. */
export type AskedTraining = NamedModel | (TrainingLoad & { readonly title: string });

export interface BoundQuestion {
  readonly training: AskedTraining;
  /** What replaces the assumptions of `calibration/bounds/assumptions.ts`. */
  readonly given: Partial<BoundAssumptions>;
  /** Resolution of the board's converter, for a warning. */
  readonly converterBits?: number | undefined;
  /** A run whose measured cost of an update is projected to the training. */
  readonly run?: ProjectedRun | undefined;
}

/** An energy per operation and in all. */
interface Cost {
  readonly perUpdateJ: number;
  /** Over kT. */
  readonly perUpdateKT: number;
  readonly totalJ: number;
  readonly totalKWh: number;
  /** Null where `matched` is zero: no parameter is updated twice. */
  readonly overMatched: number | null;
}

export interface AssumptionRow extends Sensitivity {
  readonly label: string;
  readonly unit: string;
  readonly provenance: Origin;
}

/** Everything that `fnloop bound` says; plain data. Energies in J. */
export interface BoundComparison {
  readonly training: TrainingLoad & {
    readonly title: string;
    readonly source: string | null;
    readonly updatesPerParameter: number;
    readonly ratePerS: number;
  };
  readonly bounds: Readonly<Record<BoundName, Cost & { readonly formula: string }>>;
  readonly accelerators: readonly (Cost & {
    readonly name: string;
    readonly provenance: Provenance;
    readonly source: string;
  })[];
  /** Null where no run was named. */
  readonly projection: Projection | null;
  readonly assumptions: readonly AssumptionRow[];
  readonly publishedBand: typeof publishedBand & {
    readonly centerJ: number;
    /** Null where the assumptions cannot hold at that size. */
    readonly bounds: ReturnType<typeof compareWithBand> | null;
    readonly meaning: string;
  };
  readonly warnings: readonly string[];
}

export const formulas: Readonly<Record<BoundName, string>> = {
  landauer: 'b kT ln2',
  static: 'kT ln(R_max tau)',
  'finite-rate': '2 kT asinh(v exp(dE/kT) / 2 R_max), dE of static',
  matched: 'kT [ln(R_max/R_0) + p ln n], mean of n = 1 to N',
  recycled: 'kT ln((1 - eps)/eps)',
  precision: '2 kT 4^b / N',
};

/**
 * Computes all bounds of a training, and what they rest on. Throws RangeError for what the theory does not allow, and as
 * `projectRun` does.
 */
export function compareBounds({ training, given, converterBits, run }: BoundQuestion): BoundComparison {
  const load = { parameters: training.parameters, operations: training.operations };
  const values = assuming(given);
  const perParameter = updatesPerParameter(load);
  const bounds = trainingBounds(load, values);
  const cost = (perUpdateJ: number): Cost => {
    const totalJ = perUpdateJ * load.operations;
    return {
      perUpdateJ,
      perUpdateKT: perUpdateJ / (thermalEnergyZJ(values.temperatureK) * J_PER_ZJ),
      totalJ,
      totalKWh: totalJ / J_PER_KWH,
      overMatched: bounds.matched.totalJ === 0 ? null : totalJ / bounds.matched.totalJ,
    };
  };
  const band = bandUnder(values);
  return {
    training: {
      ...load,
      title: training.title,
      source: 'source' in training ? training.source : null,
      updatesPerParameter: perParameter,
      ratePerS: meanRatePerS(perParameter, values),
    },
    bounds: Object.fromEntries(
      boundNames.map((name) => [
        name,
        { formula: formulas[name], ...cost(bounds[name].perUpdateZJ * J_PER_ZJ) },
      ]),
    ) as BoundComparison['bounds'],
    accelerators: accelerators.map(({ perOperationJ, ...accelerator }) => ({
      ...accelerator,
      ...cost(perOperationJ),
    })),
    projection: run === undefined ? null : projectRun(run, load, bounds.matched.perUpdateZJ),
    assumptions: sensitivities(load, values).map((row) => ({
      ...row,
      ...originOf(row.name, training, given),
    })),
    publishedBand: { ...publishedBand, centerJ: bandCenterJ, bounds: band.bounds, meaning: BAND_MEANING },
    warnings: [...resolutionWarning(values.bits, converterBits ?? run?.converterBits), ...band.warnings],
  };
}

const BAND_MEANING =
  'a consistency check, never a reproduction: the OPS behind the published band is not in its abstract and is assumed here';

function originOf(
  name: InputName,
  training: AskedTraining,
  given: Partial<BoundAssumptions>,
): Pick<AssumptionRow, 'label' | 'unit' | 'provenance'> {
  if (name === 'parameters' || name === 'operations') {
    const provenance = 'source' in training ? training[`${name}Provenance`] : 'given';
    return { label: LOAD_LABELS[name], unit: '', provenance };
  }
  const { label, unit, provenance } = assumptionsByName[name satisfies AssumptionName];
  return { label, unit, provenance: given[name] === undefined ? provenance : 'given' };
}

const LOAD_LABELS: Readonly<Record<keyof TrainingLoad, string>> = {
  parameters: 'parameters, M',
  operations: 'operations, OPS',
};

function bandUnder(values: BoundAssumptions): {
  readonly bounds: BoundComparison['publishedBand']['bounds'];
  readonly warnings: readonly string[];
} {
  try {
    return { bounds: compareWithBand(values), warnings: [] };
  } catch (refusal) {
    if (!(refusal instanceof RangeError)) throw refusal;
    return {
      bounds: null,
      warnings: [`The published band cannot be compared under these assumptions (${refusal.message}).`],
    };
  }
}

/** A warning where bits are more than a converter resolves; none otherwise. */
export const resolutionWarning = (bits: number, converterBits: number | undefined): string[] =>
  converterBits === undefined || bits <= converterBits
    ? []
    : [
        `${bits} bits are more than the converter's ${converterBits}: no board with it can tell a weight that precisely.`,
      ];
