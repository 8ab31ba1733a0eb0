import type { PolicySettings } from '../../config/policy.ts';
import type { Policy, PolicyPlace } from '../policy.ts';
import { constantStep } from './constant-step.ts';
import { matched } from './matched.ts';
import { none } from './none.ts';
import { writeVerify } from './write-verify.ts';

/** The policy that an experiment names. */
export function createPolicy(settings: PolicySettings, place: PolicyPlace): Policy {
  switch (settings.name) {
    case 'matched':
      return matched(settings, place);
    case 'constant-step':
      return constantStep(settings, place);
    case 'write-verify':
      return writeVerify(settings, place);
    case 'none':
      return none;
  }
}
