import { Command, Option } from 'commander';
import { devices } from '../../../calibration/devices.ts';
import type { App } from '../app.ts';
import { checkCalibration } from '../calibrate-check.ts';
import { measureChip } from '../calibrate-measure.ts';
import { boardOption, type Milliseconds, milliseconds, type Share, seedOption, share } from '../options.ts';
import { type RunChoices, withRunOptions } from '../run-options.ts';

export interface CalibrateOptions extends RunChoices {
  readonly board?: string;
  readonly device?: string;
  readonly seed?: number;
  readonly out?: string;
  readonly maxTime?: Milliseconds;
  readonly targetK2?: Share;
  readonly settings?: string;
  readonly dryRun?: true;
  readonly resume?: string;
  readonly validFor?: Milliseconds;
  /** A file; true for the one that the board has. */
  readonly check?: string | true;
}

const YEARS = 10 * 365 * 86_400_000;

export function calibrateCommand(app: App): Command {
  return withRunOptions(
    new Command('calibrate')
      .addOption(boardOption())
      .addOption(new Option('--device <name>', 'kind of chip (default: dam-a)').choices(Object.keys(devices)))
      .addOption(seedOption())
      .addOption(new Option('--out <file>', 'calibration file (default: one for the board, beside the runs)'))
      .addOption(
        new Option('--max-time <time>', 'most board time of the measurement (default: 1h)').argParser(
          milliseconds(30 * 86_400_000),
        ),
      )
      .addOption(
        new Option('--target-k2 <percent>', 'sigma of k2 at which it is enough (default: 0.1%)').argParser(
          share,
        ),
      )
      .addOption(new Option('--settings <file>', 'a YAML file of settings; options win'))
      .addOption(new Option('--dry-run', 'read the array, print the plan, send no pulse'))
      .addOption(
        new Option('--resume <run>', 'go on with a measurement that was interrupted').conflicts('settings'),
      )
      .addOption(
        new Option('--valid-for <time>', 'how long the calibration is trusted (default: 30d)').argParser(
          milliseconds(YEARS),
        ),
      )
      .addOption(
        new Option('--check [file]', 'test whether a calibration still holds').conflicts([
          'device',
          'out',
          'maxTime',
          'targetK2',
          'settings',
          'dryRun',
          'resume',
          'validFor',
        ]),
      ),
  ).action((options: CalibrateOptions) =>
    options.check === undefined ? measureChip(app, options) : checkCalibration(app, options, options.check),
  );
}
