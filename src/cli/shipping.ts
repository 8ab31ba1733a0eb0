import { Option } from 'commander';
import { anyRandom } from '../core/any-random.ts';
import { waitFor } from '../core/waiting.ts';
import { readCredentials } from '../influx/credentials.ts';
import { LiveShipping } from '../influx/live-shipping.ts';
import type { ShippingNews } from '../influx/shipper.ts';
import { type ShippingState, shippingState } from '../influx/shipping-state.ts';
import { parseTarget, type Target } from '../influx/target.ts';
import { openEndpoint } from '../influx/write-endpoint.ts';
import { RunReader } from '../store/run-reader.ts';
import type { App } from './app.ts';

export interface ShippingChoices {
  readonly influx?: Target;
  readonly influxCredentials?: string;
}

export const influxOption = () => {
  const option = new Option(
    '--influx <url>',
    'InfluxDB: http://HOST:PORT?db=NAME (1.x), or ?org=NAME&bucket=NAME (2.x, 3.x)',
  ).argParser(parseTarget);
  // A variable that is empty counts as not set.
  return process.env['FNLOOP_INFLUX'] === '' ? option : option.env('FNLOOP_INFLUX');
};

export const influxCredentialsOption = () =>
  new Option(
    '--influx-credentials <file>',
    'YAML with username and password, or token, readable by you alone (default: INFLUX_USERNAME, INFLUX_PASSWORD, INFLUX_TOKEN)',
  );

/** Who ships a run while it goes on; undefined where nobody asked for it. Throws where credentials cannot be read. */
export function liveShipping(
  app: App,
  { influx, influxCredentials }: ShippingChoices,
): LiveShipping | undefined {
  if (influx === undefined) return undefined;
  const { note } = app.output(false);
  return new LiveShipping({
    endpoint: openEndpoint(influx, readCredentials(influxCredentials, process.env)),
    target: influx.name,
    clock: app.clock,
    random: anyRandom,
    wait: waitFor,
    onNews: (news) => note(newsSentence(influx.name, news)),
  });
}

function newsSentence(target: string, news: ShippingNews): string {
  switch (news.kind) {
    case 'held-up':
      return `${target} does not take points: ${news.reason}. They wait in the run file.`;
    case 'flowing':
      return `${target} takes points again.`;
    case 'failed':
      return `Shipping to ${target} has ended: ${news.reason}`;
  }
}

/** How the shipping of a run that has ended stands; undefined where nobody asked for it. */
export const shippedOf = async (
  folder: string,
  { influx }: ShippingChoices,
): Promise<ShippingState | undefined> =>
  influx === undefined ? undefined : RunReader.with(folder, (run) => shippingState(run, influx.name));

/** How shipping stands, as rows of a closing table. */
export function shippingRows(
  state: ShippingState | undefined,
  runId: string,
): [name: string, value: string][] {
  if (state === undefined) return [];
  const { target, waiting, setAside, reason } = state;
  return [
    [
      'influx',
      waiting === 0
        ? `all rows at ${target}`
        : `${waiting.toLocaleString('en')} ${waiting === 1 ? 'row waits' : 'rows wait'} for ${target}; ship them: fnloop influx ship ${runId}`,
    ],
    ...(setAside === 0
      ? []
      : [['set aside', `${setAside} points refused, the first: ${reason}`] as [string, string]]),
  ];
}
