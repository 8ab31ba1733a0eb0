import { map } from 'rxjs';
import { crc16 } from '../../firmware-protocol/crc16.ts';
import type { Endpoint } from '../../src/transport/endpoint.ts';

/** The same board, but saying in HELLO that it takes one request at a time. */
export function oneAtATime(endpoint: Endpoint): Endpoint {
  return {
    address: endpoint.address,
    places: async () =>
      (await endpoint.places()).map(({ address, open }) => ({
        address,
        open: async () => {
          const transport = await open();
          return { ...transport, lines$: transport.lines$.pipe(map(withWindowOfOne)) };
        },
      })),
    close: () => endpoint.close(),
  };
}

function withWindowOfOne(line: string): string {
  if (!line.includes(' window=')) return line;
  const body = line.slice(0, -5).replace(/ window=\d+/, ' window=1');
  return `${body}*${crc16(body).toString(16).toUpperCase().padStart(4, '0')}`;
}
