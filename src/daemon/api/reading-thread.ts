import { parentPort } from 'node:worker_threads';
import { openCalibration } from '../../chip/calibration-file.ts';
import { FnloopError } from '../../core/errors.ts';
import type { SentError } from '../messages.ts';
import { routes } from '../routes/index.ts';
import { experimentRequest } from '../routes/jobs.ts';
import type { Route } from '../routes/route.ts';
import { sentError } from '../sent-errors.ts';
import { readBody } from './body.ts';
import { wholeRequest } from './experiment-of.ts';

/** What the thread may be asked to read: a body, by the name of its route, or a calibration's file. */
export type Reading =
  | { readonly kind: 'body'; readonly route: string; readonly text: string; readonly isYaml: boolean }
  | { readonly kind: 'calibration'; readonly file: string };

export type Read = { readonly value: unknown } | { readonly error: SentError };

/** A thread of the daemon beside its event loop: one answer to each question, in their order. */
parentPort?.on('message', (reading: Reading) => parentPort?.postMessage(answerTo(reading)));

function answerTo(reading: Reading): Read {
  try {
    return { value: reading.kind === 'body' ? bodyOf(reading) : calibrationOf(reading.file) };
  } catch (error) {
    return { error: sentError(error) };
  }
}

function bodyOf({ route: name, text, isYaml }: Extract<Reading, { kind: 'body' }>): unknown {
  const route: Route | undefined = Object.entries(routes).find(([each]) => each === name)?.[1];
  if (route?.body === null || route?.body === undefined)
    throw new FnloopError('invariant', `Route ${name} has no body.`);
  const value = readBody(text, isYaml, route.body);
  return route.body === experimentRequest ? wholeRequest(experimentRequest.parse(value)) : value;
}

function calibrationOf(file: string): unknown {
  const { points: _, ...known } = openCalibration(file).calibration;
  return known;
}
