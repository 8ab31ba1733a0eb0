import type { Board } from '../board/board.ts';
import { type CalibrationRecord, chipOf } from '../chip/calibration-record.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Clock } from '../core/clock.ts';
import { softwareVersion } from '../core/package.ts';
import type { NodeUsage } from '../scheduling/node-usage.ts';
import type { RunFile } from '../store/run-file.ts';
import type { Hold } from './holding.ts';
import type { Wishes } from './outside-steps.ts';
import { cellsOf } from './placement.ts';
import { deviceOf, endedInOrder } from './run-experiment.ts';
import { type StepNews, Training } from './training.ts';

export interface OutsideParts {
  readonly runId: string;
  readonly settings: Pick<Experiment, 'device' | 'policy' | 'accounting' | 'budget'>;
  /** How many cells the trainer outside gets. */
  readonly cells: number;
  readonly askedBy: string;
  readonly wishes: Wishes;
  readonly board: Board;
  readonly calibration?: CalibrationRecord | undefined;
  readonly runFile: RunFile;
  readonly past: NodeUsage;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly hold: Hold;
  readonly onStep: (news: StepNews) => void;
}

/** A run whose changes come from outside, from manifest to end; recorded and accounted for like others that train. */
export function runOutside(parts: OutsideParts): Promise<'finished' | 'interrupted'> {
  const { board, runFile, settings, runId, calibration, askedBy, wishes, onStep } = parts;
  const experiment = { task: { name: 'session' }, method: { name: 'outside' }, ...settings };
  return endedInOrder(parts, async () => {
    const device = deviceOf(settings);
    const chip = chipOf(device, calibration);
    // The last weight of a task is its bias.
    const features = Array.from({ length: parts.cells - 1 }, (_, index) => `w${index + 1}`);
    await runFile.begin({
      runId,
      source: board.identity.source,
      software: { ...softwareVersion(), node: process.versions.node },
      experiment: { ...experiment, askedBy },
      device,
      board: { address: board.address, identity: board.identity },
      ...(calibration === undefined ? {} : { calibration }),
      features,
    });
    const cells = cellsOf({ name: 'session', features }, board.identity, chip);
    await runFile.note({ cells });
    const lesson = { kind: 'outside' as const, wishes };
    const training = new Training({ ...parts, experiment: settings, lesson, chip, cells });
    const subscription = training.news$.subscribe(onStep);
    return training.run().finally(() => subscription.unsubscribe());
  });
}
