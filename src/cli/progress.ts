import { Presets, SingleBar } from 'cli-progress';
import type { ActionNews } from '../calibrating/measurement.ts';
import { percent, quantity } from '../core/format.ts';
import type { StepNews } from '../training/training.ts';
import { actionInWords, duration } from './calibration-text.ts';

/** The progress of a run on stderr; silent where stderr is no terminal. */
export interface Progress {
  step(news: StepNews): void;
  stop(): void;
}

export function progressOf(steps: number, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { step: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      stream,
      format:
        'step {value}/{total} {bar} {duration_formatted}  test {accuracy}  {energy}/update  bound {bound}',
      barsize: 24,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  let updates = 0;
  let energyFJ = 0;
  let boundZJ = 0;
  bar.start(steps, 0, { accuracy: '-', energy: '-', bound: '-' });
  return {
    step: ({ step, updates: rows }) => {
      updates += rows.length;
      for (const row of rows) {
        energyFJ += row.energy_full_cycle_fj;
        boundZJ += row.bound_matched_zj;
      }
      bar.update(step.step, {
        accuracy: percent(step.test_accuracy),
        energy: quantity(updates === 0 ? null : energyFJ / updates, 'fJ'),
        bound: quantity(updates === 0 ? null : boundZJ / updates, 'zJ'),
      });
    },
    stop: () => bar.stop(),
  };
}

/** The progress of a measurement on stderr; silent where stderr is no terminal. */
export function measurementProgress(
  actions: number,
  stream: NodeJS.WriteStream,
): { act(news: ActionNews): void; stop(): void } {
  if (!stream.isTTY) return { act: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      stream,
      format: 'action {value}/{total} {bar} {duration_formatted}  {action}  board at {boardTime}',
      barsize: 24,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(actions, 0, { action: 'sign of the weight', boardTime: '-' });
  return {
    act: ({ action, step, boardTimeUs }) =>
      bar.update(step, { action: actionInWords(action), boardTime: duration(boardTimeUs / 1e6) }),
    stop: () => bar.stop(),
  };
}
