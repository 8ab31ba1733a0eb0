import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/transport/address.ts';
import { isMeantAlikeElsewhere, isSamePlace } from '../../../src/transport/same-place.ts';
import { temporaryFolder } from '../../support/folder.ts';

const isSame = (one: string, other: string) => isSamePlace(parseAddress(one), parseAddress(other));

test('a serial port is the same by whatever link, and at whatever speed', () => {
  const folder = temporaryFolder();
  const [port, link] = [join(folder, 'ttyACM0'), join(folder, 'by-id')];
  writeFileSync(port, '');
  symlinkSync(port, link);
  expect(isSame(`serial:${port}`, `serial:${link}?baud=9600`)).toBe(true);
  expect(isSame(`serial:${port}`, `serial:${folder}/ttyACM1`)).toBe(false);
  // A port that is not there is known by its name alone.
  expect(isSame(`serial:${folder}/gone`, `serial:${folder}/./gone`)).toBe(true);
});

test('hosts have several names for themselves; what is no place is the same as nothing', () => {
  expect(isSame('tcp:localhost:7000', 'tcp:127.0.0.1:7000')).toBe(true);
  expect(isSame('tcp:[::1]:7000', 'tcp:localhost:7000')).toBe(true);
  expect(isSame('tcp:Bench:7000', 'tcp:bench:7000')).toBe(true);
  expect(isSame('tcp:bench:7000', 'tcp:bench:7001')).toBe(false);
  expect(isSame('tcp:bench:7000', 'tcp:localhost:7000')).toBe(false);
  expect(isSame('mock:dam-a', 'mock:dam-a')).toBe(false);
  expect(
    ['tcp:bench:7000', 'tcp:localhost:7000', 'serial:/dev/x'].map(parseAddress).map(isMeantAlikeElsewhere),
  ).toEqual([true, false, false]);
});
