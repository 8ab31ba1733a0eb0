import { describe, expect, test } from 'vitest';
import { identityOf, type ListedPort, placesOf } from '../../../src/transport/serial-places.ts';

const usb = (path: string, more: Partial<ListedPort> = {}): ListedPort => ({
  path,
  vendorId: '2E8A',
  productId: '000a',
  ...more,
});
const board = usb('/dev/ttyACM0', { serialNumber: 'E661', pnpId: 'usb-E661-if00' });
const identity = identityOf(board);

test('an identity is vendor:product in lower case, with what tells devices and interfaces apart', () => {
  expect(identity).toEqual({ usbId: '2e8a:000a', serialNumber: 'E661', pnpId: 'usb-E661-if00' });
  expect(identityOf({ path: '/dev/ttyS0' })).toBeUndefined();
  expect(identityOf(usb('/dev/ttyACM0', { serialNumber: '' }))).toMatchObject({ serialNumber: undefined });
});

describe('where a board may be', () => {
  test('at the path as written, as long as no identity is known', () => {
    expect(placesOf('/dev/ttyACM0', undefined, [board, usb('/dev/ttyACM1')])).toEqual(['/dev/ttyACM0']);
  });

  test('at the path as written first, where nothing or the same board is there', () => {
    expect(placesOf('/dev/ttyACM0', identity, [])).toEqual(['/dev/ttyACM0']);
    expect(placesOf('/dev/ttyACM0', identity, [board])).toEqual(['/dev/ttyACM0']);
  });

  test('elsewhere under the same serial number, but not where another board of its make is', () => {
    const ports = [
      usb('/dev/ttyACM1', { serialNumber: 'E777' }),
      usb('/dev/ttyACM2'),
      usb('/dev/ttyACM3', { serialNumber: 'E661', vendorId: 'beef' }),
      usb('/dev/ttyACM4', { serialNumber: 'E661' }),
    ];
    expect(placesOf('/dev/ttyACM0', identity, ports)).toEqual(['/dev/ttyACM0', '/dev/ttyACM4']);
  });

  test('the same interface of a device with several comes before the others', () => {
    const ports = [
      usb('/dev/ttyACM1', { serialNumber: 'E661', pnpId: 'usb-E661-if02' }),
      usb('/dev/ttyACM2', { serialNumber: 'E661', pnpId: 'usb-E661-if00' }),
    ];
    expect(placesOf('/dev/ttyACM0', identity, ports)).toEqual([
      '/dev/ttyACM0',
      '/dev/ttyACM2',
      '/dev/ttyACM1',
    ]);
  });

  test('without a serial number: at any port of its make that has none, by number', () => {
    const anonymous = identityOf(usb('COM3'));
    const ports = [usb('COM12'), usb('COM4'), usb('COM5', { serialNumber: 'E661' })];
    expect(placesOf('COM3', anonymous, ports)).toEqual(['COM3', 'COM4', 'COM12']);
  });

  test('at the path as written last, where another device sits there now', () => {
    const ports = [
      usb('/dev/ttyACM0', { serialNumber: 'E777' }),
      usb('/dev/ttyACM1', { serialNumber: 'E661' }),
    ];
    expect(placesOf('/dev/ttyACM0', identity, ports)).toEqual(['/dev/ttyACM1', '/dev/ttyACM0']);
  });
});
