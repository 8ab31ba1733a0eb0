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

const place = mkdtempSync(join(tmpdir(), 'fnloop-disk-'));
const mount = (...parameters: string[]) =>
  spawnSync('mount', ['-t', 'tmpfs', ...parameters, 'fnloop', place]).status === 0;
/** Only root may make a small disk; for others, a stand-in that answers the same is in test/unit/influx/shipper.test.ts. */
const isSmall = mount('-o', 'size=3m');
if (!isSmall) rmSync(place, { recursive: true });

test.skipIf(!isSmall)(
  'a full disk is waited out; once there is room, everything is there',
  async () => {
    Object.assign(process.env, INFLUX_USER);
    const folder = join(place, 'influxd');
    mkdirSync(folder);
    const influxd = await Influxd.start(folder);
    onTestFinished(async () => {
      await influxd.close();
      spawnSync('umount', [place]);
      rmSync(place, { recursive: true });
    });
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
    mount('-o', 'remount,size=300m');
    // It repeats the error of its log's writer until it is started anew.
    await influxd.kill();
    await influxd.restart();
    const [shipped] = await fnloopJson<ShippedRun[]>('influx', 'ship', 'last', ...influx);
    expect(shipped).toMatchObject({ waiting: 0, setAside: 0 });
    expect(await fnloopJson('influx', 'verify', 'last', ...influx)).toMatchObject({
      differences: [],
      points: { update: 60_000 },
    });
  },
  60_000,
);
