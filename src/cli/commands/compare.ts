import { Command, InvalidArgumentError, Option } from 'commander';
import { comparePolicies } from '../../comparing/comparison.ts';
import { type ExperimentChoices, withChoices } from '../../config/chosen-experiment.ts';
import { readExperiment } from '../../config/experiment-file.ts';
import { type PolicyName, policyNames } from '../../config/policy.ts';
import { writeComparison } from '../../report/policies/write-comparison.ts';
import { newRunId } from '../../store/run-folder.ts';
import { hasHistory, parseAddress } from '../../transport/address.ts';
import type { App } from '../app.ts';
import { borrowing } from '../by-daemon/borrowing.ts';
import { calibrationOption } from '../calibration-choice.ts';
import { compareRuns, comparisonFolder } from '../compare-policies.ts';
import { comparisonText } from '../comparison-text.ts';
import { experimentArgument } from '../experiment-choices.ts';
import {
  boardOption,
  type JsonChoice,
  jsonOption,
  type LinkChoices,
  patienceOption,
  runsOption,
  seedOption,
  wholeNumber,
} from '../options.ts';
import { influxCredentialsOption, influxOption, type ShippingChoices } from '../shipping.ts';

type Pulsing = Exclude<PolicyName, 'none'>;

interface CompareOptions extends JsonChoice, LinkChoices, ShippingChoices, Omit<ExperimentChoices, 'policy'> {
  readonly policies: readonly Pulsing[];
  readonly seeds: number;
  readonly widths?: readonly number[];
  readonly runs: string;
}

const PULSING = policyNames.filter((name): name is Pulsing => name !== 'none');

/** Of the experiment's own width. */
const USUAL_WIDTHS = [1 / 10, 1 / 4, 1 / 2];

export function compareCommand(app: App): Command {
  return new Command('compare')
    .addArgument(experimentArgument())
    .addOption(
      new Option('--policies <names>', 'the first one is what others are compared with')
        .argParser(policyList)
        .default(PULSING, PULSING.join(',')),
    )
    .addOption(
      new Option('--seeds <number>', 'how many seeds, from the first one on')
        .argParser(wholeNumber(1, 1000))
        .default(5),
    )
    .addOption(
      new Option(
        '--widths <shares>',
        'pulse widths beside the own one, as shares of it: energy against speed (default: 1/10,1/4,1/2 on a mock, none on a chip)',
      ).argParser(shareList),
    )
    .addOption(boardOption())
    .addOption(seedOption())
    .addOption(new Option('--steps <number>', 'steps of each training').argParser(wholeNumber(1, 1_000_000)))
    .addOption(calibrationOption())
    .addOption(patienceOption())
    .addOption(influxOption())
    .addOption(influxCredentialsOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (name: string, options: CompareOptions) => {
      const output = app.output(options.json === true);
      const { policies, seeds: count, runs: folderOfRuns } = options;
      const experiment = withChoices(readExperiment(name), { ...options, policy: policies[0] as Pulsing });
      const lasts = hasHistory(parseAddress(experiment.board));
      const widths = options.widths ?? (lasts ? [] : USUAL_WIDTHS);
      const seeds = Array.from({ length: count }, (_, index) => experiment.seed + index);
      const trainings = seeds.length * policies.length * (1 + widths.length);
      if (lasts)
        output.note(
          `The chip lasts: these ${trainings} trainings age it, each from where the one before it ended. Policies take turns.`,
        );
      const id = newRunId(app.clock.wallNs(), experiment.task.name, experiment.seed);
      const borrowed = { address: experiment.board, runs: folderOfRuns, command: 'fnloop compare' };
      const runs = await borrowing(app, borrowed, () =>
        compareRuns(app, experiment, { ...options, seeds, widths }, output.note),
      );
      const comparison = comparePolicies(runs);
      const files = await writeComparison(comparisonFolder(folderOfRuns, id), {
        id,
        experiment,
        comparison,
        runs,
      });
      output.result({ id, experiment: experiment.task.name, ...comparison, ...files }, () =>
        [comparisonText(comparison), `report  ${files.report}`, `figures ${files.figures}`].join('\n'),
      );
    });
}

/** `matched,constant-step`: each once. */
function policyList(text: string): Pulsing[] {
  const names = text.split(',').map((name) => name.trim());
  const known = names.filter((name): name is Pulsing => PULSING.some((each) => each === name));
  if (known.length === names.length && new Set(names).size === names.length) return known;
  throw new InvalidArgumentError(`Expected some of ${PULSING.join(', ')}, each once, separated by commas.`);
}

/** `1/10,1/4,0.5`, or `none`. */
function shareList(text: string): number[] {
  if (text === 'none') return [];
  return text.split(',').map((item) => {
    const [, above = '', below = '1'] = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/.exec(item.trim()) ?? [];
    const share = Number(above) / Number(below);
    if (above !== '' && share > 0 && share !== 1 && share <= 100) return share;
    throw new InvalidArgumentError(
      'Expected shares of the width other than 1, such as 1/10,1/4,0.5, or none.',
    );
  });
}
