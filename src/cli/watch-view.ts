import { Presets, SingleBar } from 'cli-progress';
import type { Job, StepEvent } from '../daemon/lab.ts';
import { jobSentence, progressText } from './job-text.ts';

/** What is seen of a job while it is watched. */
export interface JobView {
  job(job: Job): void;
  step(step: StepEvent, job: Job): void;
  stop(): void;
}

/** A bar that moves on a terminal, a line for each step and change of state elsewhere. */
export function jobView(stream: NodeJS.WriteStream): JobView {
  return stream.isTTY ? barView(stream) : lineView(stream);
}

/** Says each state once. */
function stateLines(write: (line: string) => void): (job: Job) => void {
  let said = '';
  return (job) => {
    const sentence = jobSentence(job);
    if (sentence !== said) write(sentence);
    said = sentence;
  };
}

function lineView(stream: NodeJS.WriteStream): JobView {
  const write = (line: string) => void stream.write(`${line}\n`);
  return {
    job: stateLines(write),
    step: (step, { experiment }) =>
      write(`step ${step.step}/${experiment.method.steps}  ${progressText(step)}  ${step.updates} updates`),
    stop: () => {},
  };
}

function barView(stream: NodeJS.WriteStream): JobView {
  const bar = new SingleBar(
    {
      stream,
      format: '{state}  step {value}/{total} {bar} {duration_formatted}  {progress}',
      barsize: 24,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  let isShown = false;
  return {
    job: ({ state, progress, experiment }) => {
      const values = { state, ...(progress === null ? {} : { progress: progressText(progress) }) };
      if (isShown) bar.update(values);
      else bar.start(experiment.method.steps, progress?.step ?? 0, { progress: '', ...values });
      isShown = true;
    },
    step: (step) => bar.update(step.step, { progress: progressText(step) }),
    stop: () => bar.stop(),
  };
}
