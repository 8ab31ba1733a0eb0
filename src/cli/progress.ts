import { Presets, SingleBar } from 'cli-progress';
import type { ActionNews } from '../calibrating/measurement.ts';
import { duration, percent, quantity } from '../core/format.ts';
import type { StepNews } from '../training/training.ts';
import { actionInWords } from './calibration-text.ts';
import type { WatchedShipping } from './shipping-watch.ts';

/** The progress of a run on stderr; silent where stderr is no terminal. */
export interface Progress {
  step(news: StepNews): void;
  stop(): void;
}

/** A bar with values of its own by name, and beside them how shipping stands. */
interface Bar {
  update(done: number, values: Readonly<Record<string, string>>): void;
  stop(): void;
}

const SILENT: Bar = { update: () => {}, stop: () => {} };

/** Undefined shipping: the run is not shipped. */
function barOf(
  stream: NodeJS.WriteStream,
  format: string,
  total: number,
  values: Readonly<Record<string, string>>,
  shipping: WatchedShipping | undefined,
): Bar {
  if (!stream.isTTY) return SILENT;
  const bar = new SingleBar(
    { stream, format: `${format}{influx}`, barsize: 24, hideCursor: true },
    Presets.shades_classic,
  );
  let influx = '';
  bar.start(total, 0, { ...values, influx });
  const unwatch = shipping?.watch((text) => {
    influx = `  ${text}`;
    bar.update({ influx });
  });
  return {
    update: (done, fresh) => bar.update(done, { ...fresh, influx }),
    stop: () => {
      unwatch?.();
      bar.stop();
    },
  };
}

export function progressOf(
  steps: number,
  stream: NodeJS.WriteStream,
  shipping: WatchedShipping | undefined,
): Progress {
  const format =
    'step {value}/{total} {bar} {duration_formatted}  test {accuracy}  {energy}/update  bound {bound}';
  const bar = barOf(stream, format, steps, { accuracy: '-', energy: '-', bound: '-' }, shipping);
  let updates = 0;
  let energyFJ = 0;
  let boundZJ = 0;
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
  shipping: WatchedShipping | undefined,
): { act(news: ActionNews): void; stop(): void } {
  const format = 'action {value}/{total} {bar} {duration_formatted}  {action}  board at {boardTime}';
  const bar = barOf(stream, format, actions, { action: 'sign of the weight', boardTime: '-' }, shipping);
  return {
    act: ({ action, step, boardTimeUs }) =>
      bar.update(step, { action: actionInWords(action), boardTime: duration(boardTimeUs / 1e6) }),
    stop: () => bar.stop(),
  };
}

/** The progress of a soak on stderr; silent where stderr is no terminal. */
export function soakProgress(
  updates: number,
  stream: NodeJS.WriteStream,
  shipping: WatchedShipping | undefined,
): { reach(updates: number): void; stop(): void } {
  const bar = barOf(stream, 'update {value}/{total} {bar} {duration_formatted}', updates, {}, shipping);
  return { reach: (done) => bar.update(done, {}), stop: () => bar.stop() };
}
