import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { FnloopError } from '../../core/errors.ts';
import { packageRoot } from '../../core/package.ts';
import type { DataSet } from '../data-set.ts';

const measures = [
  'radius',
  'texture',
  'perimeter',
  'area',
  'smoothness',
  'compactness',
  'concavity',
  'concave points',
  'symmetry',
  'fractal dimension',
];

/** The file's columns: each measure's mean, its standard error, and its worst value. */
const features = ['mean', 'error', 'worst'].flatMap((statistic) =>
  measures.map((measure) => `${measure} ${statistic}`),
);

/** Wisconsin diagnostic breast cancer (Wolberg, Mangasarian, Street 1995): 569 samples of 30 features. */
export function readBreastCancer(): DataSet {
  const path = join(packageRoot, 'src', 'training', 'tasks', 'breast-cancer.csv');
  const rows: string[][] = parse(readFileSync(path), { from_line: 2 });
  const numbers = rows.map((row) => row.map(Number));
  const isWhole = numbers.every((row) => row.length === features.length + 1 && row.every(Number.isFinite));
  if (!isWhole || numbers.length !== 569)
    throw new FnloopError('invariant', `${path} is damaged: expected 569 rows of 31 numbers.`);
  return {
    features,
    classes: ['malignant', 'benign'],
    inputs: numbers.map((row) => Float64Array.from(row.slice(0, features.length))),
    labels: numbers.map((row) => row[features.length] ?? 0),
  };
}
