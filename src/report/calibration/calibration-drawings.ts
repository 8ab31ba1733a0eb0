import type { Device } from '../../../calibration/devices.ts';
import { tunnelingOfOxide } from '../../../calibration/physics/oxide.ts';
import type { Calibration } from '../../chip/calibration.ts';
import type { Drawing } from '../drawing.ts';
import { mapNodes } from './array-map.ts';
import { cellSpreads } from './cell-spread.ts';
import { fieldFigure } from './field-figure.ts';
import { fieldPointsOf } from './field-points.ts';
import { goodNodes, medianTunneling, referenceNodeV } from './fitted-nodes.ts';
import { intervalsOf } from './intervals.ts';
import { mapFigures, VERDICT_MAP } from './map-figures.ts';
import { pulseFallsOf } from './pulse-falls.ts';
import { pulseFigure } from './pulse-figure.ts';
import { recordedStages } from './recorded-stages.ts';
import { residualFigure } from './residual-figure.ts';
import { residualsOf } from './residuals.ts';
import { spreadFigure } from './spread-figure.ts';

/** The figures of a calibration: law, residuals, pulses, spread, maps. Only the map of verdicts where no node is good. */
export function calibrationDrawings(calibration: Calibration, device: Device): Drawing[] {
  const { board, given, readNoiseV } = calibration;
  const nodes = goodNodes(calibration);
  const maps = mapFigures(mapNodes(calibration), board, referenceNodeV(calibration));
  if (nodes.length === 0) return maps.filter(({ id }) => id === VERDICT_MAP);
  const typical = medianTunneling(nodes);
  const { nodeCapacitanceFF } = given;
  const oxide = { nodeCapacitanceFF, areaUm2: device.oxide.areaUm2 };
  const settings = { board, dacGain: given.dacGain, validNodeV: device.validNodeV };
  const pointsOf = new Map(calibration.points.map((points) => [points.node, points]));
  const records = nodes.flatMap(({ node, fit }) => {
    const points = pointsOf.get(node);
    if (points === undefined) return [];
    const record = recordedStages(points, settings);
    return [
      { node, record, parameters: fit.parameters, intervals: intervalsOf(node, record, fit.parameters) },
    ];
  });
  return [
    fieldFigure(
      records.flatMap(({ intervals }) => fieldPointsOf(intervals, readNoiseV, oxide)),
      { theory: tunnelingOfOxide(device.oxide), fitted: typical.tunneling, oxide },
    ),
    residualFigure(
      records.flatMap(({ node, record, parameters }) =>
        residualsOf(node, record, parameters, { readNoiseV, nodeCapacitanceFF }),
      ),
    ),
    pulseFigure(
      records.flatMap(({ intervals }) => pulseFallsOf(intervals, readNoiseV)),
      typical,
    ),
    spreadFigure(cellSpreads(calibration, device)),
    ...maps,
  ];
}
