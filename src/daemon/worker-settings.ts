import { FnloopError } from '../core/errors.ts';
import type { DaemonConfig } from './config.ts';
import type { WorkerSettings } from './messages.ts';

/** What the process of a board has to know. */
export function workerSettings({ boards, runs, influx }: DaemonConfig, name: string): WorkerSettings {
  const board = boards[name];
  if (board === undefined) throw new FnloopError('invariant', `Board ${name} is not configured.`);
  const { address, device, calibration, budget, patienceS, suspend } = board;
  return { address, runs, device, calibration, budget, patienceMs: patienceS * 1e3, suspend, influx };
}
