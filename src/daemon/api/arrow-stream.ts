import { type Duplex, Readable } from 'node:stream';
import {
  type Data,
  type DataType,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { FnloopError } from '../../core/errors.ts';
import type { RunReader } from '../../store/run-reader.ts';
import { type ColumnType, type Table, type TableName, tables } from '../../store/tables.ts';

/** The steps from a table to an Arrow IPC stream of it, some thousands of rows a batch; run and source stand in its metadata. */
export function arrowSteps(run: RunReader, table: TableName): readonly [Readable, Duplex] {
  const { runId, source } = run.manifest;
  const { columns, comment }: Table = tables[table];
  const fields = Object.entries(columns).map(
    ([name, type]) => new Field(name, arrowType(type), type.endsWith('?')),
  );
  const schema = new Schema(fields, new Map(Object.entries({ runId, source, table, comment })));
  const batchOf = (chunk: readonly (readonly unknown[])[]): RecordBatch => {
    const children = fields.map(({ type }, index) => dataOf(chunk[index] ?? [], type));
    const length = chunk[0]?.length ?? 0;
    return new RecordBatch(schema, makeData({ type: new Struct(fields), length, nullCount: 0, children }));
  };

  async function* batches(): AsyncGenerator<RecordBatch> {
    let rows = 0;
    const names = fields.map(({ name }) => name).join(', ');
    for await (const chunk of run.columns(`SELECT ${names} FROM ${table} ORDER BY rowid`)) {
      rows += 1;
      yield batchOf(chunk);
    }
    // The schema goes out with the first batch, so a table without rows has one too.
    if (rows === 0) yield batchOf([]);
  }
  return [Readable.from(batches()), RecordBatchStreamWriter.throughNode({ autoDestroy: true })];
}

/** Whole columns are copied as they are; a builder, which looks at each value, takes ten times as long. */
function dataOf(values: readonly unknown[], type: DataType): Data {
  const isWhole = !values.includes(null);
  if (isWhole && type instanceof Float64)
    return makeData({ type, length: values.length, data: Float64Array.from(values as number[]) });
  if (isWhole && type instanceof Int32)
    return makeData({ type, length: values.length, data: Int32Array.from(values as number[]) });
  if (isWhole && type instanceof Int64)
    return makeData({ type, length: values.length, data: BigInt64Array.from(values as bigint[]) });
  const [data] = vectorFromArray(values, type).data;
  if (data === undefined) throw new FnloopError('invariant', `A column of type ${type} has no data.`);
  return data;
}

function arrowType(type: ColumnType): DataType {
  switch (type.replace('?', '')) {
    case 'INTEGER':
      return new Int32();
    case 'BIGINT':
    case 'WALL_NS':
      return new Int64();
    case 'DOUBLE':
      return new Float64();
    default:
      return new Utf8();
  }
}
