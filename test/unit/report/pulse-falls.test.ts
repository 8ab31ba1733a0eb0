import { expect, test } from 'vitest';
import { intervalsOf } from '../../../src/report/calibration/intervals.ts';
import {
  commonPulse,
  pulseFallsOf,
  scaledFallV,
  typicalFallV,
} from '../../../src/report/calibration/pulse-falls.ts';
import { recordedStages } from '../../../src/report/calibration/recorded-stages.ts';
import { damA, syntheticCalibration } from '../../support/synthetic-calibration.ts';

test('falls under pulses, scaled to one state and width, lie on the line of the model', () => {
  const calibration = syntheticCalibration(damA, { rows: 1, columns: 1, noise: false });
  const [set] = calibration.points;
  const parameters = calibration.nodes[0]?.fit?.parameters;
  if (set === undefined || parameters === undefined) throw new Error('no points');
  const record = recordedStages(set, {
    board: calibration.board,
    dacGain: calibration.given.dacGain,
    validNodeV: damA.validNodeV,
  });
  const falls = pulseFallsOf(intervalsOf(0, record, parameters), calibration.readNoiseV);
  expect(new Set(falls.map(({ amplitudeV }) => Math.round(amplitudeV)))).toEqual(new Set([1, 2, 3, 4, 5]));
  expect(new Set(falls.map(({ kind }) => kind))).toEqual(new Set(['SET']));
  expect(new Set(falls.map(({ widthS }) => widthS))).toEqual(new Set([0.05, 0.2]));
  const common = commonPulse(falls);
  for (const fall of falls) {
    const ratio = scaledFallV(fall, common, parameters) / typicalFallV(fall.amplitudeV, common, parameters);
    // A converter step of a fall of 114 µV at least, and the temperature's 0.7 K.
    expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
  }
});
