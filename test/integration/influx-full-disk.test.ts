import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ShippedRun } from '../../src/cli/ship-run.ts';
import type { SoakResult } from '../../src/cli/soak-result.ts';
import type { ShippingState } from '../../src/influx/shipping-state.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { INFLUX_USER, Influxd } from '../support/influxd.ts';

test('a full disk is waited out; once there is room, everything is there', async () => {
  const place = smallDisk();
  Object.assign(process.env, INFLUX_USER);
  const folder = join(place, 'influxd');
  mkdirSync(folder);
  const influxd = await Influxd.start(folder);
  onTestFinished(() => influxd.close());
  const runs = temporaryFolder();
  const influx = ['--influx', influxd.address('full'), '--runs', runs];
  await fnloopJson('influx', 'init', '--influx', influxd.address('full'));
  const soak = await fnloopJson<SoakResult & { influx: ShippingState }>(
    ...['soak', '--board', 'mock:dam-a', '--updates', '60000', ...influx],
  );
  expect(soak.influx).toMatchObject({ setAside: 0 });
  expect(soak.influx.waiting).toBeGreaterThan(0);
  const full = await fnloop('influx', 'ship', 'last', ...influx, '--patience', '500ms');
  expect(full.code).toBe(3);
  expect(full.stderr).toContain('no space left on device');
  mount(place, 'remount,size=300m');
  // It repeats the error of its log's writer until it is started anew.
  await influxd.kill();
  await influxd.restart();
  const [shipped] = await fnloopJson<ShippedRun[]>('influx', 'ship', 'last', ...influx);
  expect(shipped).toMatchObject({ waiting: 0, setAside: 0 });
  expect(await fnloopJson('influx', 'verify', 'last', ...influx)).toMatchObject({
    differences: [],
    points: { update: 60_000 },
  });
}, 60_000);

/** A folder with room for 3 MB, until the test has finished. */
function smallDisk(): string {
  const place = mkdtempSync(join(tmpdir(), 'fnloop-disk-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  mount(place, 'size=3m');
  onTestFinished(() => {
    spawnSync('umount', [place]);
  });
  return place;
}

function mount(place: string, options: string): void {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'fnloop', place], {
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Error(
    `A small disk was expected at ${place}, but mount answered: ${stderr.trim()}. ` +
      'Only root may mount one: run sudo npm test, or in a container docker run --cap-add SYS_ADMIN.',
  );
}
