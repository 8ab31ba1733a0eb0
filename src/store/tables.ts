import { type BoundName, boundNames } from '../ledger/bounds.ts';
import type { Measured } from '../ledger/measured.ts';
import { linkColumns } from './link-columns.ts';

/** Column types: DuckDB's, and what they are on this side. A trailing `?` allows null. */
interface ColumnTypes {
  INTEGER: number;
  BIGINT: number;
  DOUBLE: number;
  VARCHAR: string;
  JSON: string;
  /** A BIGINT of nanoseconds since 1970, beyond what a number holds. */
  WALL_NS: bigint;
}
export type ColumnType = keyof ColumnTypes | `${keyof ColumnTypes}?`;

type ValueOf<Type> = Type extends keyof ColumnTypes
  ? ColumnTypes[Type]
  : Type extends `${infer Base extends keyof ColumnTypes}?`
    ? ColumnTypes[Base] | null
    : never;

export interface Table {
  readonly comment: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** A row as written: its keys are the columns of the file. */
export type RowOf<T extends Table> = {
  readonly [Column in keyof T['columns']]: ValueOf<T['columns'][Column]>;
};

/** Raise it when a table changes in a way that a reader must know of. */
export const SCHEMA_VERSION = 5;

/** Column names of a measured quantity: its value and the parts of its sigma. */
export const measuredColumns = <Name extends string, Unit extends string>(name: Name, unit: Unit) =>
  ({
    value: `${name}_${unit}`,
    noiseSigma: `${name}_noise_sigma_${unit}`,
    nodeSigma: `${name}_node_sigma_${unit}`,
    commonSigma: `${name}_common_sigma_${unit}`,
  }) as const;

/** A record with one entry for each column of a measured quantity. */
export type MeasuredRecord<Name extends string, Unit extends string, T> = {
  readonly [Column in ReturnType<typeof measuredColumns<Name, Unit>>[keyof Measured]]: T;
};

const measured = <Name extends string, Unit extends string>(name: Name, unit: Unit) =>
  Object.fromEntries(
    Object.values(measuredColumns(name, unit)).map((column) => [column, 'DOUBLE']),
  ) as MeasuredRecord<Name, Unit, 'DOUBLE'>;

/**
 * Where an update's energy went, as `EnergyParts` of the ledger has it: with what is left of full-cycle and tunneling, the driving of
 * its first pulse, and with its free drift they add up to what it cost.
 */
const energyPartColumns = {
  energy_core_fj: 'DOUBLE',
  energy_tilt_fj: 'DOUBLE',
  energy_drift_fj: 'DOUBLE',
  energy_verify_fj: 'DOUBLE',
} as const;

/** Energy of read-out and board, of an update its share of the step; never part of the cells' energies. */
const overheadColumns = { energy_readout_fj: 'DOUBLE?', energy_board_fj: 'DOUBLE?' } as const;

/** Column of a lower bound. */
export const boundColumn = <Name extends BoundName>(name: Name) =>
  `bound_${name.replace('-', '_') as Underscored<Name>}_zj` as const;
type Underscored<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}_${Tail}` : Name;

const boundColumns = Object.fromEntries(boundNames.map((name) => [boundColumn(name), 'DOUBLE'])) as {
  readonly [Column in ReturnType<typeof boundColumn<BoundName>>]: 'DOUBLE';
};

/** Every table of a run file. The file carries the comments too. */
export const tables = {
  manifest: {
    comment: 'What this run was: versions, experiment, board identity, device parameters, status.',
    columns: { key: 'VARCHAR', value: 'JSON' },
  },
  waves: {
    comment: 'Pulse shapes by number: the amplitude asked for and the DAC code that the board used.',
    columns: { wave: 'INTEGER', amplitude_v: 'DOUBLE', width_us: 'BIGINT', dac_code: 'INTEGER' },
  },
  intents: {
    comment:
      'Batches, committed before their bytes left; slots as on the wire, update ids in the order of their pulses. One without outcome is open.',
    columns: {
      intent: 'BIGINT',
      boot_nonce: 'BIGINT',
      batch: 'BIGINT',
      step: 'INTEGER',
      gap_us: 'BIGINT',
      slots: 'VARCHAR',
      update_ids: 'JSON',
      committed_wall_ns: 'WALL_NS',
    },
  },
  outcomes: {
    comment:
      'What became of intents: executed (the board said so), inferred (from the cells, after the board forgot; confidence is the posterior probability) or unrun.',
    columns: {
      intent: 'BIGINT',
      verdict: 'VARCHAR',
      slots_done: 'INTEGER',
      confidence: 'DOUBLE?',
      started_us: 'BIGINT?',
      board_time_us: 'BIGINT?',
      slack_us: 'BIGINT?',
    },
  },
  pulses: {
    comment:
      'Every executed pulse with the raw ADC codes of its node before and after its slot; without codes where it was inferred.',
    columns: {
      update_id: 'BIGINT',
      intent: 'BIGINT',
      slot: 'INTEGER',
      cell: 'INTEGER',
      kind: 'VARCHAR',
      wave: 'INTEGER',
      before_code: 'INTEGER?',
      after_code: 'INTEGER?',
    },
  },
  readings: {
    comment:
      'Raw ADC codes of both nodes of every used cell, read after each step (step 0: before training), and after each round of a step of several: the last of a step is its end; of all cells also where the board had restarted, and where the run was resumed. With the board time of its conversion, and the temperature that the board told.',
    columns: {
      step: 'INTEGER',
      boot_nonce: 'BIGINT',
      board_time_us: 'BIGINT',
      converted_us: 'BIGINT',
      cell: 'INTEGER',
      set_code: 'INTEGER',
      reset_code: 'INTEGER',
      temperature_k: 'DOUBLE?',
    },
  },
  updates: {
    comment:
      'One row an update: a change of one weight by pulses of one of its nodes within a step, and what it cost. amplitude_v: the highest of its pulses; width_us: the sum of theirs. Purpose correct: undoes a part of an update of the same cell and step. Sigma parts: noise (new each time), node (same for a node), common (same for all). time_ns: when its first pulse began, on the board clock mapped to wall time; no two are the same.',
    columns: {
      update_id: 'BIGINT',
      step: 'INTEGER',
      purpose: 'VARCHAR',
      cell: 'INTEGER',
      kind: 'VARCHAR',
      nth_of_cell: 'INTEGER',
      pulses: 'INTEGER',
      amplitude_v: 'DOUBLE',
      width_us: 'BIGINT',
      wanted_v: 'DOUBLE?',
      drift_v: 'DOUBLE?',
      weight_before_v: 'DOUBLE?',
      weight_after_v: 'DOUBLE?',
      ...measured('charge_tunneled', 'fc'),
      ...measured('charge_driven', 'fc'),
      ...measured('energy_full_cycle', 'fj'),
      ...measured('energy_half_cv2', 'fj'),
      ...measured('energy_tunneling', 'fj'),
      ...energyPartColumns,
      ...overheadColumns,
      ...boundColumns,
      time_ns: 'WALL_NS',
    },
  },
  steps: {
    comment: 'State after each step (step 0: before the first); no accuracy where nothing is trained.',
    columns: {
      step: 'INTEGER',
      epoch: 'INTEGER',
      train_accuracy: 'DOUBLE?',
      test_accuracy: 'DOUBLE?',
      train_loss: 'DOUBLE?',
      updates: 'INTEGER',
      pulses: 'INTEGER',
      clipped: 'INTEGER',
      common_mode_v: 'DOUBLE',
      board_time_us: 'BIGINT',
      ...overheadColumns,
      wall_ns: 'WALL_NS',
      time_ns: 'WALL_NS',
    },
  },
  host_state: {
    comment:
      'What the process that trains held after each step, and where the run was resumed, besides what chip and file tell: residuals by cell, place in the data order, time of a step. A resumed run goes on from the last row.',
    columns: { step: 'INTEGER', state: 'JSON' },
  },
  link: {
    comment:
      'Health of the link after each step, counted from the start of the session: the process, of those that wrote this file, that had the link.',
    columns: {
      session: 'INTEGER',
      step: 'INTEGER',
      wall_ns: 'WALL_NS',
      ...linkColumns,
      time_ns: 'WALL_NS',
    },
  },
  events: {
    comment:
      'What happened besides steps: how the sign of the weight was found, restarts of the board, inferences, interruptions of the run.',
    columns: { wall_ns: 'WALL_NS', step: 'INTEGER', name: 'VARCHAR', detail: 'JSON', time_ns: 'WALL_NS' },
  },
  shipped: {
    comment:
      'How far each table has been taken by a database: rows before next_row are there. The last row of a target, schema and measurement counts.',
    columns: {
      target: 'VARCHAR',
      schema: 'INTEGER',
      measurement: 'VARCHAR',
      next_row: 'BIGINT',
      wall_ns: 'WALL_NS',
    },
  },
  set_aside: {
    comment:
      'Points that a database refused, as they were sent, and why; all others of their batch were written.',
    columns: {
      target: 'VARCHAR',
      schema: 'INTEGER',
      measurement: 'VARCHAR',
      time_ns: 'WALL_NS',
      line: 'VARCHAR',
      reason: 'VARCHAR',
      wall_ns: 'WALL_NS',
    },
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof tables;
export type Row<Name extends TableName> = RowOf<(typeof tables)[Name]>;
/** A row before the run file says when it was. */
export type NewRow<Name extends 'updates' | 'steps'> = Omit<Row<Name>, 'time_ns'>;
export const tableNames = Object.keys(tables) as TableName[];
