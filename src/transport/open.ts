import type { BoardAddress } from './address.ts';
import type { LineTransport } from './line-transport.ts';
import { openMock } from './mock.ts';
import { openSerial } from './serial.ts';
import { openTcp } from './tcp.ts';

/** Opens whatever an address names. `defaultSeed` serves mock addresses that state none. */
export function openTransport(address: BoardAddress, defaultSeed: number): Promise<LineTransport> {
  switch (address.scheme) {
    case 'mock':
      return openMock(address, defaultSeed);
    case 'serial':
      return openSerial(address.path, address.baudRate, address.text);
    case 'tcp':
      return openTcp(address.host, address.port, address.text);
  }
}
