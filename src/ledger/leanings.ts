/**
 * By how much an estimate changes for a relative change of one in each thing that it leans on, each physical and on a true volt.
 * In the unit of the estimate.
 */
export interface Leanings {
  /** Rate of tunneling, in the volts that the board reads. */
  readonly rate: number;
  /** C_T and C_C. */
  readonly nodeCapacitance: number;
  readonly coupling: number;
  /** Output of the pulse DAC. */
  readonly dacGain: number;
  /** Gain of the read path: how much too high voltages are read. */
  readonly readGain: number;
  /** Boost of the node. */
  readonly boost: number;
}

/** What an estimate does not lean on at all. */
export const leansOnNothing: Leanings = {
  rate: 0,
  nodeCapacitance: 0,
  coupling: 0,
  dacGain: 0,
  readGain: 0,
  boost: 0,
};
