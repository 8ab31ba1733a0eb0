import { SerialPort } from 'serialport';
import { FnloopError, messageOf } from '../core/errors.ts';

export interface SerialPortInfo {
  readonly address: string;
  readonly manufacturer: string | null;
  readonly serialNumber: string | null;
  /** `vendor:product` in hexadecimal. */
  readonly usbId: string | null;
}

/** The serial ports of this machine, as board addresses. Rejects with `port-refused` where they cannot be listed. */
export async function listPorts(): Promise<SerialPortInfo[]> {
  try {
    const ports = await SerialPort.list();
    return ports.map(({ path, manufacturer, serialNumber, vendorId, productId }) => ({
      address: `serial:${path}`,
      manufacturer: manufacturer ?? null,
      serialNumber: serialNumber ?? null,
      usbId: vendorId && productId ? `${vendorId}:${productId}` : null,
    }));
  } catch (cause) {
    const message = messageOf(cause);
    const remedy = message.includes('udevadm') ? " It needs udevadm: install Debian's package udev." : '';
    throw new FnloopError('port-refused', `Cannot list serial ports: ${message}.${remedy}`, { cause });
  }
}
