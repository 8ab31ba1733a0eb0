import { Presets, SingleBar } from 'cli-progress';
import { percent, quantity } from '../core/format.ts';
import type { StepNews } from '../training/training.ts';

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
