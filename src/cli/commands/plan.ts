import { Command } from 'commander';
import { type ExperimentChoices, withChoices } from '../../config/chosen-experiment.ts';
import type { Experiment } from '../../config/experiment.ts';
import { readExperiment } from '../../config/experiment-file.ts';
import { FnloopError } from '../../core/errors.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { EpochPlan } from '../../training/epoch-plan.ts';
import { planOnBoard } from '../../training/plan-on-board.ts';
import { type BoardAddress, hasHistory, parseAddress } from '../../transport/address.ts';
import { bytesPerSAt } from '../../transport/serial.ts';
import type { App } from '../app.ts';
import { type Holder, holderOf } from '../by-daemon/board-holder.ts';
import { experimentFor } from '../by-daemon/train.ts';
import { calibrationOption, knownChip, namedCalibration } from '../calibration-choice.ts';
import { experimentArgument, policyOption } from '../experiment-choices.ts';
import { boardOption, type JsonChoice, jsonOption, runsOption, seedOption } from '../options.ts';
import type { Output } from '../output.ts';
import { planText, wireUseOf } from '../plan-text.ts';

interface PlanOptions extends JsonChoice, ExperimentChoices {
  readonly runs: string;
}

export function planCommand(app: App): Command {
  return new Command('plan')
    .addArgument(experimentArgument())
    .addOption(boardOption())
    .addOption(seedOption())
    .addOption(policyOption())
    .addOption(calibrationOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (name: string, { runs, json, ...choices }: PlanOptions) => {
      const output = app.output(json === true);
      const experiment = withChoices(readExperiment(name), choices);
      const address = parseAddress(experiment.board);
      const holder = await holderOf(app, experiment.board, runs);
      const plan = await (holder === undefined
        ? planHere(app, experiment, runs, output.note)
        : planByDaemon(holder, experiment));
      const wire = wireUseOf(plan, paceOf(address));
      output.result({ address: address.text, ...plan, wire }, () => planText(plan, address.text, wire));
      if (plan.problems.length === 0) return;
      throw new FnloopError(
        'limit-exceeded',
        `Board ${plan.boardId} must not do this: ${plan.problems.length} problem${plan.problems.length === 1 ? '' : 's'}. Nothing was sent.`,
        { problems: plan.problems },
      );
    });
}

async function planHere(
  app: App,
  experiment: Experiment,
  runs: string,
  note: Output['note'],
): Promise<EpochPlan> {
  const opened = namedCalibration(experiment);
  const { plan, unsettled } = await app.withBoard(
    experiment.board,
    async (board) => {
      const wallNs = app.clock.wallNs();
      const known = knownChip(opened, experiment.device, { board: board.identity, wallNs, runs, note });
      const lasting = hasHistory(parseAddress(experiment.board)) ? runs : undefined;
      return planOnBoard(experiment, { board, known, runs: lasting });
    },
    { seed: experiment.seed },
  );
  if (unsettled > 0)
    note(`${unsettled} batches or pulses of a run whose process died are not settled, and not counted here.`);
  return plan;
}

const planByDaemon = async (holder: Holder, experiment: Experiment): Promise<EpochPlan> =>
  holder.daemon.ask(routes.planExperiment, {
    body: { board: holder.board.name, experiment: await experimentFor(holder, experiment) },
  });

/** Pace of the wire, bytes a second in each direction; undefined where nothing sets one. */
function paceOf(address: BoardAddress): number | undefined {
  if (address.scheme === 'serial') return bytesPerSAt(address.baudRate);
  const baudRate = address.scheme === 'mock' ? address.options.baud : undefined;
  return baudRate === undefined ? undefined : bytesPerSAt(baudRate);
}
