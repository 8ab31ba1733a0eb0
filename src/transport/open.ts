import { type Clock, systemClock } from '../core/clock.ts';
import type { BoardAddress } from './address.ts';
import type { Endpoint } from './endpoint.ts';

export interface EndpointOptions {
  /** For mock addresses that state none. */
  readonly seed: number;
  /** A new file for every line on the wire, closed with the endpoint. */
  readonly wireLog?: string | undefined;
  readonly clock?: Clock;
}

/**
 * What an address names, not yet connected.
 *
 * Rejects with `config-invalid` for a mock or a replay that cannot be, `file-missing` for a replay that cannot
 * be read, `record-failed` where the wire log cannot be begun. Where that is incomplete, `close` of the
 * endpoint rejects with `record-failed`.
 */
export async function openEndpoint(
  address: BoardAddress,
  { seed, wireLog, clock = systemClock }: EndpointOptions,
): Promise<Endpoint> {
  const endpoint = await endpointOf(address, seed);
  if (wireLog === undefined) return endpoint;
  try {
    const { loggedEndpoint } = await import('./logged.ts');
    const { WireLog } = await import('./wire-log.ts');
    return loggedEndpoint(endpoint, await WireLog.open(wireLog, address.text, clock));
  } catch (failure) {
    await endpoint.close();
    throw failure;
  }
}

/** Loads what that kind of address needs, and no more: SAFE does not wait for the parts of a mock. */
async function endpointOf(address: BoardAddress, seed: number): Promise<Endpoint> {
  switch (address.scheme) {
    case 'mock':
      return (await import('./mock.ts')).mockEndpoint(address, seed);
    case 'serial':
      return (await import('./serial-endpoint.ts')).serialEndpoint(address);
    case 'tcp':
      return (await import('./tcp.ts')).tcpEndpoint(address);
    case 'replay':
      return (await import('./replay.ts')).replayEndpoint(address);
  }
}
