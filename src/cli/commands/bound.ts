import { Command, Option } from 'commander';
import type { BoundAssumptions } from '../../../calibration/bounds/assumptions.ts';
import { models } from '../../../calibration/models.ts';
import { FnloopError } from '../../core/errors.ts';
import { type AskedTraining, type BoundQuestion, compareBounds } from '../../report/bound-comparison.ts';
import { type ProjectedRun, readProjectedRun } from '../../report/projection.ts';
import { writeBoundFigure } from '../../report/write-bound-figure.ts';
import { findRun } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';
import type { App } from '../app.ts';
import { absoluteTemperature, hertz, positive, seconds } from '../bound-options.ts';
import { boundText } from '../bound-text.ts';
import { type JsonChoice, jsonOption, type Kelvins, runsOption } from '../options.ts';

interface BoundOptions extends JsonChoice {
  readonly model?: string;
  readonly parameters?: number;
  readonly ops?: number;
  readonly bits?: number;
  readonly temperature?: Kelvins;
  readonly retention?: number;
  readonly rateMax?: number;
  readonly rateRatio?: number;
  readonly trainingTime?: number;
  readonly exponent?: number;
  readonly errorRate?: number;
  readonly converterBits?: number;
  readonly figure?: string;
  readonly run?: string;
  readonly runs: string;
}

export function boundCommand(app: App): Command {
  const quantityOption = (flags: string, description: string, parse: (text: string) => number) =>
    new Option(flags, description).argParser(parse);
  return new Command('bound')
    .addOption(
      new Option('--model <name>', 'a model whose numbers are published (default: brain-scale)')
        .choices(Object.keys(models))
        .conflicts(['parameters', 'ops']),
    )
    .addOption(quantityOption('--parameters <number>', 'parameters of a model of your own', positive))
    .addOption(quantityOption('--ops <number>', 'operations of its training', positive))
    .addOption(quantityOption('--bits <number>', 'bits of a parameter (default: 16)', positive))
    .addOption(quantityOption('--temperature <temperature>', 'default: 300K', absoluteTemperature))
    .addOption(quantityOption('--retention <time>', 'retention of a fixed barrier (default: 10y)', seconds))
    .addOption(
      quantityOption('--training-time <time>', 'gives the net rate of updates (default: 30d)', seconds),
    )
    .addOption(quantityOption('--rate-max <rate>', 'attempt rate (default: 1e12Hz)', hertz))
    .addOption(quantityOption('--rate-ratio <number>', 'attempt rate over first rate (default: 1)', positive))
    .addOption(quantityOption('--exponent <number>', 'of the matched schedule (default: 1)', positive))
    .addOption(
      quantityOption('--error-rate <number>', 'probability of a wrong step (default: 0.001)', positive),
    )
    .addOption(quantityOption('--converter-bits <number>', "a board's resolution, to be warned by", positive))
    .addOption(new Option('--figure <file>', 'draw energy against model size as SVG'))
    .addOption(
      new Option('--run <run>', "project this run's measured energy per update: a run id, a path, or last"),
    )
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (options: BoundOptions) => {
      const output = app.output(options.json === true);
      const question: BoundQuestion = {
        training: trainingOf(options),
        given: assumptionsOf(options),
        converterBits: options.converterBits,
        run: await projectedRun(options),
      };
      const comparison = answer(question);
      for (const warning of comparison.warnings) output.note(`Warning: ${warning}`);
      const { figure } = options;
      if (figure !== undefined) await writeBoundFigure(question, comparison.projection, figure);
      output.result({ ...comparison, figure: figure ?? null }, () =>
        [boundText(comparison), ...(figure === undefined ? [] : [`figure  ${figure}`])].join('\n'),
      );
    });
}

const projectedRun = async ({ run, runs }: BoundOptions): Promise<ProjectedRun | undefined> =>
  run === undefined ? undefined : RunReader.with(findRun(runs, run), readProjectedRun);

/** Throws `usage` where only half of a model is given. */
function trainingOf({ model = 'brain-scale', parameters, ops }: BoundOptions): AskedTraining {
  if (parameters !== undefined && ops !== undefined)
    return { title: 'a model of your own', parameters, operations: ops };
  if (parameters !== undefined || ops !== undefined)
    throw new FnloopError('usage', 'A model of your own needs both --parameters and --ops.');
  const named = models[model];
  if (named === undefined) throw new FnloopError('invariant', `There is no model ${model}.`);
  return named;
}

function assumptionsOf(options: BoundOptions): Partial<BoundAssumptions> {
  const named: Readonly<Record<keyof BoundAssumptions, number | undefined>> = {
    bits: options.bits,
    temperatureK: options.temperature,
    retentionS: options.retention,
    rateMaxPerS: options.rateMax,
    trainingS: options.trainingTime,
    rateRatio: options.rateRatio,
    exponent: options.exponent,
    errorRate: options.errorRate,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** Throws `usage` for what the theory does not allow. */
function answer(question: BoundQuestion) {
  try {
    return compareBounds(question);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FnloopError('usage', `There is no such bound: ${cause.message}.`, { cause });
  }
}
