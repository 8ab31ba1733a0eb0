import { openCalibration } from '../../chip/calibration-file.ts';
import { FnloopError } from '../../core/errors.ts';
import type { SentError } from '../messages.ts';
import { routes } from '../routes/index.ts';
import { experimentRequest } from '../routes/jobs.ts';
import type { Route } from '../routes/route.ts';
import { sentError } from '../sent-errors.ts';
import { readBody } from './body.ts';
import { wholeRequest } from './experiment-of.ts';

/** A body to read, by the name of its route. */
export interface BodyTask {
  readonly route: string;
  readonly text: string;
  readonly isYaml: boolean;
}

export type Read = { readonly value: unknown } | { readonly error: SentError };

/** What a thread of the daemon does beside its event loop. Each returns what it read, or why it refuses. */
export const body = ({ route: name, text, isYaml }: BodyTask): Read =>
  read(() => {
    const route: Route | undefined = Object.entries(routes).find(([each]) => each === name)?.[1];
    if (route?.body === null || route?.body === undefined)
      throw new FnloopError('invariant', `Route ${name} has no body.`);
    const value = readBody(text, isYaml, route.body);
    return route.body === experimentRequest ? wholeRequest(experimentRequest.parse(value)) : value;
  });

/** A calibration without its raw points. */
export const calibration = (file: string): Read =>
  read(() => {
    const { points: _, ...known } = openCalibration(file).calibration;
    return known;
  });

function read(act: () => unknown): Read {
  try {
    return { value: act() };
  } catch (error) {
    if (error instanceof FnloopError) return { error: sentError(error) };
    throw error;
  }
}
