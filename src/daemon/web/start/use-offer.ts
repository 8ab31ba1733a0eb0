import { useEffect, useState } from 'preact/hooks';
import type * as z from 'zod';
import { messageOf } from '../../../core/errors.ts';
import { routes } from '../../routes/index.ts';
import { usePage } from '../shell/page-context.ts';

/** What a run may be made of. */
export interface Offer {
  readonly experiments: z.output<typeof routes.listExperiments.answer>;
  readonly calibrations: readonly string[];
}

/** Asked for once the daemon answers; undefined until then. */
export function useOffer(): Offer | undefined {
  const page = usePage();
  const [offer, setOffer] = useState<Offer>();
  const isLive = page.lab.connection.value === 'live';
  useEffect(() => {
    if (!isLive) return;
    Promise.all([page.client.ask(routes.listExperiments), page.client.ask(routes.listCalibrations)])
      .then(([experiments, calibrations]) =>
        setOffer({ experiments, calibrations: calibrations.map(({ name }) => name) }),
      )
      .catch((error: unknown) => page.notices.fault(messageOf(error)));
  }, [page, isLive]);
  return offer;
}
