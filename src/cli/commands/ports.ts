import { Command } from 'commander';
import { listPorts } from '../../transport/ports.ts';
import type { App } from '../app.ts';
import { type JsonChoice, jsonOption } from '../options.ts';
import { table } from '../table.ts';

export function portsCommand(app: App): Command {
  return new Command('ports').addOption(jsonOption()).action(async ({ json }: JsonChoice) => {
    const ports = await listPorts();
    app.output(json === true).result(ports, () =>
      ports.length === 0
        ? 'No serial ports. Without a board, use a mock: --board mock:dam-a'
        : table(
            ['address', 'manufacturer', 'serial number', 'USB id'],
            ports.map(({ address, manufacturer, serialNumber, usbId }) => [
              address,
              manufacturer ?? '-',
              serialNumber ?? '-',
              usbId ?? '-',
            ]),
          ),
    );
  });
}
