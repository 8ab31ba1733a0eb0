import type { PolicySettings } from '../../config/experiment.ts';
import type { Policy } from '../policy.ts';
import { matched } from './matched.ts';
import { none } from './none.ts';

/** The policy that an experiment names. */
export function createPolicy(settings: PolicySettings): Policy {
  switch (settings.name) {
    case 'matched':
      return matched(settings);
    case 'none':
      return none;
  }
}
