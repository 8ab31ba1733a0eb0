import type { BoardAddress } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import { mockEndpoint } from './mock.ts';
import { serialEndpoint } from './serial-endpoint.ts';
import { tcpEndpoint } from './tcp.ts';

export interface EndpointOptions {
  /** For mock addresses that state none. */
  readonly seed: number;
}

/** What an address names, not yet connected. Rejects with `config-invalid` for a mock that there is not. */
export async function openEndpoint(address: BoardAddress, { seed }: EndpointOptions): Promise<Endpoint> {
  switch (address.scheme) {
    case 'mock':
      return mockEndpoint(address, seed);
    case 'serial':
      return serialEndpoint(address);
    case 'tcp':
      return tcpEndpoint(address);
  }
}
