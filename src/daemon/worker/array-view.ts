import { devices } from '../../../calibration/devices.ts';
import type { Board } from '../../board/board.ts';
import { convertersOf } from '../../board/converters.ts';
import { cellCount } from '../../board/limits.ts';
import { nodeNumber } from '../../board/nodes.ts';
import { type CalibrationRecord, chipOf } from '../../chip/calibration-record.ts';
import { USUAL_SIGN } from '../../chip/weight-sign.ts';
import type { BudgetSettings, Experiment } from '../../config/experiment.ts';
import { FnloopError } from '../../core/errors.ts';
import { budgetLimits } from '../../scheduling/budget.ts';
import { NodeUsage } from '../../scheduling/node-usage.ts';
import { cellModel } from '../../training/cell-model.ts';
import type { StepNews } from '../../training/training.ts';
import type { CellStatus } from '../lab.ts';

/** The array of a board by its last readings, and what its nodes have received. */
export class ArrayView {
  readonly #weightsV = new Map<number, number>();
  #past = new NodeUsage();
  /** Of the run under way, which is charged at its end. */
  #present = new NodeUsage();

  /** A run begins, after what the board's history has. */
  begin(past: NodeUsage): void {
    this.#past = past;
    this.#present = new NodeUsage();
  }

  add({ weights, updates }: StepNews): void {
    for (const { cell, weightV } of weights) this.#weightsV.set(cell, weightV);
    for (const row of updates)
      this.#present.add(nodeNumber(row.cell, row.kind === 'SET' ? 'SET' : 'RESET'), {
        pulses: row.pulses,
        voltSeconds: (row.amplitude_v * row.width_us) / 1e6,
        chargeFC: Math.max(0, row.charge_tunneled_fc),
      });
  }

  /** Reads all cells, which does not disturb them. */
  async read(
    board: Board,
    device: Experiment['device'],
    calibration: CalibrationRecord | undefined,
  ): Promise<void> {
    const known = devices[device];
    if (known === undefined) throw new FnloopError('invariant', `Device ${device} is unknown.`);
    const chip = chipOf(known, calibration);
    const model = cellModel(chip, convertersOf(board.identity), chip.weightSign ?? USUAL_SIGN);
    const cells = Array.from({ length: cellCount(board.identity) }, (_, cell) => cell);
    const reading = await board.read(cells);
    for (const cell of reading.cells) this.#weightsV.set(cell.cell, model.weightV(cell));
  }

  status(
    budget: BudgetSettings | undefined,
    device: Experiment['device'],
    calibration: CalibrationRecord | undefined,
  ): CellStatus[] {
    const known = devices[device];
    const chip = known === undefined ? undefined : chipOf(known, calibration);
    return [...this.#weightsV]
      .sort(([one], [other]) => one - other)
      .map(([cell, weightV]) => {
        const nodes = (['SET', 'RESET'] as const).map((kind) => this.#usageOf(nodeNumber(cell, kind)));
        const faults = chip?.faultsOf(cell) ?? [];
        return {
          cell,
          weightV,
          pulses: nodes.reduce((sum, { pulses }) => sum + pulses, 0),
          chargeFC: nodes.reduce((sum, { chargeFC }) => sum + chargeFC, 0),
          budgetUsedRel: shareUsed(budget, nodes),
          fault: faults.length === 0 ? null : faults.map(({ verdict }) => verdict).join(', '),
        };
      });
  }

  #usageOf(node: number) {
    const [past, present] = [this.#past.of(node), this.#present.of(node)];
    return {
      pulses: past.pulses + present.pulses,
      voltSeconds: past.voltSeconds + present.voltSeconds,
      chargeFC: past.chargeFC + present.chargeFC,
    };
  }
}

type Used = Readonly<Record<(typeof budgetLimits)[number]['quantity'], number>>;

function shareUsed(budget: BudgetSettings | undefined, nodes: readonly Used[]): number | null {
  const shares = budgetLimits.flatMap(({ key, quantity }) => {
    const limit = budget?.[key];
    return limit === undefined ? [] : nodes.map((used) => used[quantity] / limit);
  });
  return shares.length === 0 ? null : Math.max(...shares);
}
