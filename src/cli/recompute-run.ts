import { Command } from 'commander';
import { assertCalibrates, openCalibration } from '../chip/calibration-file.ts';
import { recordOf } from '../chip/calibration-record.ts';
import { withSigma } from '../core/format.ts';
import { softwareVersion } from '../core/package.ts';
import { summaryRows } from '../report/summary-rows.ts';
import { writeReport } from '../report/write-report.ts';
import { recomputeRun } from '../settling/recompute-run.ts';
import { findRun } from '../store/run-folder.ts';
import { RunReader } from '../store/run-reader.ts';
import { HEADLINE_ESTIMATOR, summarize } from '../store/summary.ts';
import type { App } from './app.ts';
import { calibrationOption } from './calibration-choice.ts';
import { type JsonChoice, jsonOption, runsOption } from './options.ts';
import { listing } from './table.ts';

interface RecomputeOptions extends JsonChoice {
  readonly runs: string;
  readonly calibration?: string;
}

/** `fnloop runs recompute`: what a run cost, derived again from its raw codes. */
export function recomputeCommand(app: App): Command {
  return new Command('recompute')
    .summary('derive all charges and energies of a run again from its raw codes')
    .argument('<run>', 'a run id, the path of a run folder, or last')
    .addOption(calibrationOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (run: string, { runs, calibration: path, json }: RecomputeOptions) => {
      const folder = findRun(runs, run);
      const { manifest, before } = await RunReader.with(folder, async (reader) => ({
        manifest: reader.manifest,
        before: await summarize(reader),
      }));
      const opened = path === undefined ? undefined : openCalibration(path);
      if (opened !== undefined)
        assertCalibrates(opened, {
          board: manifest.board.identity,
          device: manifest.device.name,
          // What counts is that it had not expired when the run began.
          wallNs: BigInt(manifest.startedWallNs),
        });
      await recomputeRun(
        folder,
        {
          calibration: opened === undefined ? undefined : recordOf(opened),
          software: { ...softwareVersion(), node: process.versions.node },
        },
        app.clock,
      );
      const { summary: after } = await RunReader.with(folder, writeReport);
      const { mean, sigma } = before.energyFJ[HEADLINE_ESTIMATOR];
      app
        .output(json === true)
        .result({ before: before.energyFJ, ...after }, () =>
          [
            listing([
              ...summaryRows(after),
              ['before', `energy (${HEADLINE_ESTIMATOR}) ${withSigma(mean, sigma, 'fJ')} per update`],
            ]),
            `file    ${after.file}`,
            `report  ${after.report}`,
          ].join('\n'),
        );
    });
}
