import { escape as influxQl } from 'influx';
import { boundNames } from '../ledger/bounds.ts';
import { boundColumn } from '../store/tables.ts';
import { runTags } from './measurements.ts';
import type { Database1 } from './target.ts';

const { quoted } = influxQl;

/** The retention policy that keeps what the continuous queries make, for ever. */
export const LONG_POLICY = 'downsampled';

export interface Downsampling {
  /** Of the continuous query, and of the measurement that it fills. */
  readonly name: string;
  readonly from: string;
  readonly select: string;
}

const sums = [
  'energy_full_cycle_fj',
  'energy_half_cv2_fj',
  'energy_tunneling_fj',
  'charge_tunneled_fc',
  'energy_drift_fj',
  ...boundNames.map(boundColumn),
];

/** A database groups by time and tags, so that aggregates of a step are in `step` already, and only kept for long here. */
export const downsamplings: readonly Downsampling[] = [
  {
    name: 'update_1s',
    from: 'update',
    select: [
      'count("cell") AS "updates"',
      'sum("pulses") AS "pulses"',
      ...sums.map((name) => `sum("${name}") AS "${name}"`),
    ].join(', '),
  },
  {
    name: 'step_1s',
    from: 'step',
    select: [
      ...['step', 'epoch', 'train_accuracy', 'test_accuracy', 'train_loss', 'common_mode_v'].map(
        (name) => `last("${name}") AS "${name}"`,
      ),
      ...[
        'updates',
        'pulses',
        'clipped',
        'energy_full_cycle_sum_fj',
        'energy_readout_fj',
        'energy_board_fj',
        'bound_matched_sum_zj',
      ].map((name) => `sum("${name}") AS "${name}"`),
    ].join(', '),
  },
];

/** The statement; `where` limits it to a run and its time. */
export function selectInto(
  { name, from, select }: Downsampling,
  { database, retentionPolicy }: Database1,
  where = '',
): string {
  const source = [database, ...(retentionPolicy === undefined ? [] : [retentionPolicy])].map((part) =>
    quoted(part),
  );
  const place =
    retentionPolicy === undefined ? `${source[0]}..${quoted(from)}` : [...source, quoted(from)].join('.');
  const tags = runTags.map((tag) => quoted(tag.name)).join(', ');
  return `SELECT ${select} INTO ${quoted(database)}.${quoted(LONG_POLICY)}.${quoted(name)} FROM ${place}${where} GROUP BY time(1s), ${tags} fill(none)`;
}
