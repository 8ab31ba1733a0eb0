import { Argument, Option } from 'commander';
import { shippedExperiments } from '../config/experiment-file.ts';
import { policyNames } from '../config/policy.ts';

export const experimentArgument = () =>
  new Argument(
    '<experiment>',
    `an experiment file, or one that is shipped: ${shippedExperiments().join(', ')}`,
  );

export const policyOption = () =>
  new Option('--policy <name>', 'how wanted changes become pulses').choices(policyNames);
