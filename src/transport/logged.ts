import type { Endpoint } from './endpoint.ts';
import type { LineTransport } from './line-transport.ts';
import type { WireLog } from './wire-log.ts';

/** The same link, with every line written to a log before anyone acts on it. Must wrap it as soon as it is open. */
export function logged(transport: LineTransport, log: WireLog): LineTransport {
  const { address, bytesPerS, lines$, closed } = transport;
  let isClosed = false;
  log.add({ kind: 'connect', address });
  // The first to subscribe is the first to be told. Ends with the link.
  lines$.subscribe((line) => log.add({ kind: '<', line }));
  void closed.then((reason) => {
    isClosed = true;
    log.add(reason === undefined ? { kind: 'close' } : { kind: 'disconnect', reason });
  });
  return {
    address,
    bytesPerS,
    lines$,
    closed,
    send: (line) => {
      if (!isClosed) log.add({ kind: '>', line });
      return transport.send(line);
    },
    close: () => transport.close(),
  };
}

/** The same endpoint, with all its connections in one log, which is closed with it. */
export function loggedEndpoint(endpoint: Endpoint, log: WireLog): Endpoint {
  return {
    address: endpoint.address,
    places: async () =>
      (await endpoint.places()).map((place) => ({
        address: place.address,
        open: async () => logged(await place.open(), log),
      })),
    close: async () => {
      try {
        await endpoint.close();
      } finally {
        await log.close();
      }
    },
  };
}
