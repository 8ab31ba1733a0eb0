import { boundNames } from '../ledger/bounds.ts';
import { linkColumns } from '../store/link-columns.ts';
import { boundColumn, measuredColumns, type TableName } from '../store/tables.ts';
import type { FieldType } from './line-protocol.ts';

/** Raise it when a measurement changes in a way that a reader of a database must know of. A run is then shipped anew. */
export const INFLUX_SCHEMA_VERSION = 2;

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Empty where it is a number of things, or a text. */
  readonly unit: string;
  /** SQL over a row of the source. */
  readonly sql: string;
  readonly about: string;
  /** Sound rows may lack it, although no column that it is made of allows null. */
  readonly isOptional?: true;
}

/** A tag that differs from row to row. */
export interface RowTag {
  readonly name: string;
  readonly sql: string;
  readonly about: string;
}

export interface Measurement {
  readonly name: string;
  readonly about: string;
  /** The table of the run file whose rows are shipped; the cursor counts them. */
  readonly table: TableName;
  /** What its rows become first, as SQL over the relation `source`: one row a point. Absent: the rows themselves. */
  readonly points?: string;
  /** Beside the tags that all points of a run have. */
  readonly tags: readonly RowTag[];
  /** SQL for nanoseconds since 1970, no two alike within a measurement of a run. */
  readonly timeNs: string;
  /** The first one is never null. */
  readonly fields: readonly [Field, ...Field[]];
}

/** Tags of every point: all are bounded in number by what a lab does, none by what a cell does. */
export const runTags = [
  { name: 'board', about: 'id of the board' },
  { name: 'run', about: 'id of the run' },
  { name: 'task', about: 'task of the experiment' },
  { name: 'policy', about: 'policy of the experiment' },
  { name: 'source', about: '`board` or `mock`' },
  { name: 'clock', about: '`real`, or `virtual`: then times follow the board, not the wall' },
] as const;
export type RunTag = (typeof runTags)[number]['name'];

const of =
  (type: FieldType) =>
  (name: string, unit: string, about: string, sql = name): Field => ({ name, type, unit, about, sql });
const float = of('float');
const integer = of('integer');
const string = of('string');

/** A measured quantity and its whole sigma; the parts of it stay in the run file. */
function measured(name: string, unit: string, unitText: string, about: string): Field[] {
  const { value, noiseSigma, nodeSigma, commonSigma } = measuredColumns(name, unit);
  const squares = [noiseSigma, nodeSigma, commonSigma].map((column) => `${column} * ${column}`);
  return [
    float(value, unitText, about),
    float(`${name}_sigma_${unit}`, unitText, 'its sigma', `sqrt(${squares.join(' + ')})`),
  ];
}

const quantities = [
  ...measured('charge_tunneled', 'fc', 'fC', 'charge through the oxide'),
  ...measured('charge_driven', 'fc', 'fC', 'charge that the driver moved'),
  ...measured('energy_full_cycle', 'fj', 'fJ', 'energy by the estimator full-cycle'),
  ...measured('energy_half_cv2', 'fj', 'fJ', 'energy by the estimator half-cv2'),
  ...measured('energy_tunneling', 'fj', 'fJ', 'energy by the estimator tunneling'),
];

const overhead = (whose: string) => [
  float('energy_readout_fj', 'fJ', `read-out, ${whose}; never part of the cells`),
  float('energy_board_fj', 'fJ', `the board, ${whose}; never part of the cells`),
];

const RATIO = 'energy_full_cycle_fj * 1e6 / bound_matched_zj';

const update: Measurement = {
  name: 'update',
  about: 'One point an update: a change of one weight and what it cost.',
  table: 'updates',
  tags: [{ name: 'kind', sql: 'kind', about: '`SET` or `RESET`' }],
  timeNs: 'time_ns',
  fields: [
    integer('cell', '', 'which cell'),
    integer('update_id', '', 'number within the run'),
    integer('step', '', 'step of the run'),
    string('purpose', '', '`bring-up`, `train`, `correct`, `soak` or `calibrate`'),
    integer('nth_of_cell', '', 'updates of this cell so far'),
    integer('pulses', '', 'pulses of this update'),
    float('amplitude_v', 'V', 'amplitude'),
    integer('width_us', 'us', 'time under pulse'),
    float('wanted_v', 'V', 'change of weight that was wanted'),
    float('drift_v', 'V', 'drift of weight that the model predicts'),
    float('weight_before_v', 'V', 'weight in the reading before the step'),
    float('weight_after_v', 'V', 'weight in the reading after it'),
    ...quantities,
    float('energy_core_fj', 'fJ', "tunneled charge of the first pulse through the node's voltage"),
    float('energy_tilt_fj', 'fJ', 'the same charge through the boost'),
    float('energy_drift_fj', 'fJ', 'free decay beside the pulse'),
    float('energy_verify_fj', 'fJ', 'full-cycle and tunneling of all pulses after the first'),
    ...overhead('share of the step'),
    ...boundNames.map((name) => float(boundColumn(name), 'zJ', `lower bound ${name}`)),
    {
      ...float('ratio', '', 'energy (full-cycle) over bound (matched); absent where that is 0', RATIO),
      isOptional: true,
    },
  ],
};

/** Columns of `updates` whose sums over a step a database cannot make itself, because the step is a field there. */
const summed = [
  ['energy_full_cycle_fj', 'energy_full_cycle_sum_fj', 'fJ'],
  ['energy_half_cv2_fj', 'energy_half_cv2_sum_fj', 'fJ'],
  ['energy_tunneling_fj', 'energy_tunneling_sum_fj', 'fJ'],
  ['charge_tunneled_fc', 'charge_tunneled_sum_fc', 'fC'],
  ['energy_drift_fj', 'energy_drift_sum_fj', 'fJ'],
  ...boundNames.map((name) => {
    const column = boundColumn(name);
    return [column, column.replace('_zj', '_sum_zj'), 'zJ'] as const;
  }),
] as const;

/** A vector of DuckDB's, of which a row group has a whole number. */
const ROWS_OF_BLOCK = 2048;

const step: Measurement = {
  name: 'step',
  about: 'One point a step: the state after it, and sums over its updates.',
  table: 'steps',
  // A step and its updates are committed together, so that these sums are final. In order, so that each digit is; a block,
  // which one thread reads in its order, at a time, so that no order has to be kept in memory but that of blocks.
  points: `SELECT source.*, ${summed.map(([, name]) => name).join(', ')} FROM source LEFT JOIN (
      SELECT step, ${summed.map(([, name]) => `fsum(${name} ORDER BY block) AS ${name}`).join(', ')} FROM (
        SELECT step, updates.rowid // ${ROWS_OF_BLOCK} AS block, ${summed.map(([column, name]) => `fsum(${column}) AS ${name}`).join(', ')} FROM updates
        WHERE step BETWEEN (SELECT min(step) FROM source) AND (SELECT max(step) FROM source) GROUP BY step, block
      ) GROUP BY step
    ) USING (step)`,
  tags: [],
  timeNs: 'time_ns',
  fields: [
    integer('step', '', 'step of the run; 0 is the state before the first'),
    integer('epoch', '', 'epoch'),
    float('train_accuracy', '1', 'share of training samples that the chip classifies rightly'),
    float('test_accuracy', '1', 'share of test samples'),
    float('train_loss', '1', 'loss over the training samples'),
    integer('updates', '', 'updates of the step'),
    integer('pulses', '', 'pulses of the step'),
    integer('clipped', '', 'wanted changes that no pulse was long enough for'),
    float('common_mode_v', 'V', 'mean common mode of the cells'),
    integer('board_time_us', 'us', "the board's clock at the reading"),
    ...overhead('of the step'),
    ...summed.map(([column, name, unit]) =>
      float(name, unit, `sum of ${column} over the updates of the step`),
    ),
  ],
};

const link: Measurement = {
  name: 'link',
  about: 'One point a step: counters of the link since the session began.',
  table: 'link',
  tags: [],
  timeNs: 'time_ns',
  fields: [
    integer('step', '', 'step of the run; -1 at its end'),
    integer('session', '', 'which process of those that wrote the run'),
    ...Object.entries(linkColumns).map(([name, type]): Field => {
      const about = name.replaceAll('_', ' ');
      const unit = /_(ms|us)$/.exec(name)?.[1] ?? '';
      return type === 'BIGINT' ? integer(name, unit, about) : float(name, unit, about);
    }),
  ],
};

const event: Measurement = {
  name: 'event',
  about: 'What happened besides steps.',
  table: 'events',
  tags: [{ name: 'name', sql: 'name', about: 'what happened; a fixed set' }],
  timeNs: 'time_ns',
  fields: [integer('step', '', 'step of the run'), string('detail', '', 'details as JSON')],
};

const STARTED_NS = `(SELECT (value->>'$')::BIGINT FROM manifest WHERE key = 'startedWallNs')`;
const inManifest = (key: string, path: string): string =>
  `(SELECT value->'${path}' FROM manifest WHERE key = '${key}' LIMIT 1)`;

const run: Measurement = {
  name: 'run',
  about: 'One point a run: what it was, with every name as it is.',
  table: 'manifest',
  points: `SELECT * FROM source WHERE key = 'runId'`,
  tags: [],
  timeNs: STARTED_NS,
  fields: [
    integer('schema', '', 'version of this schema', String(INFLUX_SCHEMA_VERSION)),
    string(
      'names',
      '',
      'the names in the tags, unescaped, as JSON',
      `json_object('run', value, 'board', ${inManifest('board', '$.identity.boardId')},
        'task', ${inManifest('experiment', '$.task.name')}, 'policy', ${inManifest('experiment', '$.policy.name')})::VARCHAR`,
    ),
    string(
      'software',
      '',
      'version, commit and Node of the fnloop that wrote it, as JSON',
      `${inManifest('software', '$')}::VARCHAR`,
    ),
    string('device', '', "the chip's description, as JSON", `${inManifest('device', '$')}::VARCHAR`),
  ],
};

const calibration: Measurement = {
  name: 'calibration',
  about: 'One point a node of the calibration that a run used; none without one.',
  table: 'manifest',
  points: `SELECT unnest(from_json(value->'results', '[{"node": "INTEGER", "verdict": "VARCHAR", "fit": {"parameters": {
      "tunneling": {"k1PerS": "DOUBLE", "k2V": "DOUBLE"}, "couplingRel": "DOUBLE", "offsetV": "DOUBLE",
      "temperatureScale": "DOUBLE"}}}]'), recursive := true)
    FROM source WHERE key = 'calibration' AND (value->'results') IS NOT NULL`,
  tags: [],
  timeNs: `${STARTED_NS} + node`,
  fields: [
    integer('node', '', 'S then R of each cell: 2 cell, 2 cell + 1'),
    string('verdict', '', 'how its fit ended'),
    float('k1_per_s', '1/s', 'rate of tunneling', '"k1PerS"'),
    float('k2_v', 'V', 'barrier of tunneling', '"k2V"'),
    float('coupling_rel', '1', 'coupling over that of the kind of chip, less 1', '"couplingRel"'),
    float('offset_v', 'V', 'offset of the read path', '"offsetV"'),
    float('temperature_scale', '1', 'scale of the dependence on temperature', '"temperatureScale"'),
  ],
};

/** All that is shipped, small ones first: they are what a person watches. */
export const measurements: readonly Measurement[] = [run, calibration, event, step, link, update];
