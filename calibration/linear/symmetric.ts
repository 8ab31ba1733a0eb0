/**
 * Symmetric matrices as their lower triangles, row by row: entry (i, j), j <= i, stands at i (i + 1) / 2 + j. Small ones, by
 * Cholesky factors.
 */
export type Triangle = Float64Array;

export const entryAt = (row: number, column: number): number =>
  row >= column ? (row * (row + 1)) / 2 + column : (column * (column + 1)) / 2 + row;

/** Lower Cholesky factor of a positive definite matrix; undefined where it is not. */
export function cholesky(matrix: Triangle, size: number): Triangle | undefined {
  const factor = new Float64Array(matrix.length);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[entryAt(row, column)] as number;
      for (let k = 0; k < column; k += 1)
        sum -= (factor[entryAt(row, k)] as number) * (factor[entryAt(column, k)] as number);
      if (row > column) factor[entryAt(row, column)] = sum / (factor[entryAt(column, column)] as number);
      else if (sum > 0) factor[entryAt(row, row)] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return factor;
}

/** Solves `factor factor^T x = right`. */
export function solveWith(factor: Triangle, right: Float64Array): Float64Array {
  const size = right.length;
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row += 1) {
    let sum = solution[row] as number;
    for (let k = 0; k < row; k += 1) sum -= (factor[entryAt(row, k)] as number) * (solution[k] as number);
    solution[row] = sum / (factor[entryAt(row, row)] as number);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = solution[row] as number;
    for (let k = row + 1; k < size; k += 1)
      sum -= (factor[entryAt(k, row)] as number) * (solution[k] as number);
    solution[row] = sum / (factor[entryAt(row, row)] as number);
  }
  return solution;
}

/** The inverse, as rows. */
export function inverseOf(factor: Triangle, size: number): number[][] {
  return Array.from({ length: size }, (_, column) => {
    const unit = new Float64Array(size);
    unit[column] = 1;
    return [...solveWith(factor, unit)];
  });
}
