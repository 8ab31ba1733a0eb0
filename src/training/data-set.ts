/** Samples with their classes; `inputs[i]` has one number a feature, `labels[i]` is 0 or 1. */
export interface Samples {
  readonly inputs: readonly Float64Array[];
  readonly labels: readonly number[];
}

/** A data set as it was published. */
export interface DataSet extends Samples {
  readonly features: readonly string[];
  readonly classes: readonly [string, string];
}
