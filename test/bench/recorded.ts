import type { Endpoint } from '../../src/transport/endpoint.ts';

/** The same endpoint, telling each line that it sends. */
export function recorded(endpoint: Endpoint, onLine: (line: string) => void): Endpoint {
  return {
    address: endpoint.address,
    places: async () =>
      (await endpoint.places()).map(({ address, open }) => ({
        address,
        open: async () => {
          const transport = await open();
          return {
            ...transport,
            send: (line: string) => {
              onLine(line);
              return transport.send(line);
            },
          };
        },
      })),
    close: () => endpoint.close(),
  };
}
