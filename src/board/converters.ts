import type { BoardIdentity } from './types.ts';

/** What a board's converter codes mean in volts, by its own announced scales. */
export interface Converters {
  /** Node voltage of one ADC code step. */
  readonly nodeVPerCode: number;
  /** Nominal pulse amplitude of one DAC code step. */
  readonly amplitudeVPerCode: number;
  /** Gain from the node to the ADC's input. */
  readonly readGain: number;
  /** ADC samples averaged for each code. */
  readonly readAverages: number;
  /** True where the ADC is at its rail, so that the code says no voltage. */
  isClipped(adcCode: number): boolean;
}

export function convertersOf(board: BoardIdentity): Converters {
  const adcCodes = 2 ** (board.adcBits - 1);
  return {
    nodeVPerCode: board.adcFullScaleV / adcCodes / board.readGain,
    amplitudeVPerCode: board.dacFullScaleV / 2 ** board.dacBits,
    readGain: board.readGain,
    readAverages: board.readAverages,
    isClipped: (adcCode) => adcCode >= adcCodes - 1 || adcCode <= -adcCodes,
  };
}
