/**
 * All that happened to one node and what it read, in order of time: stage by stage, a constant pulse amplitude (0: none)
 * for some time, and perhaps a reading at its end. Arrays of one length.
 */
export interface NodeSeries {
  readonly node: number;
  /** Length of each stage, s; NaN where nobody knows how much time passed: what comes then stands for itself. */
  readonly durationS: Float64Array;
  /** Pulse amplitude during the stage as the DAC's code, nominal scale and nominal gain say it, V. */
  readonly amplitudeV: Float64Array;
  /** Temperature during the stage, K; the reference temperature on boards that cannot tell. */
  readonly temperatureK: Float64Array;
  /**
   * Node voltage read at the end of the stage by the announced scales, V; NaN where it was not read, Infinity where the
   * converter was at its end.
   */
  readonly readV: Float64Array;
}
