import type { Device, Toleranced } from '../../../calibration/devices.ts';
import { type Verdict, verdicts } from '../../../calibration/fit/verdict.ts';
import type { Calibration } from '../../chip/calibration.ts';
import { percent, plain, quantity, wallTime } from '../../core/format.ts';
import { goodNodes } from './fitted-nodes.ts';

/** Verdicts that occurred, with how many nodes each has, in the order of `verdicts`. */
export function verdictCounts({ nodes }: Pick<Calibration, 'nodes'>): [verdict: Verdict, count: number][] {
  return (Object.keys(verdicts) as Verdict[])
    .map((verdict): [Verdict, number] => [verdict, nodes.filter((node) => node.verdict === verdict).length])
    .filter(([, count]) => count > 0);
}

/** What was measured, when, on what and by what. */
export function measurementRows(calibration: Calibration): [name: string, value: string][] {
  const { board, measured, software, nodes, readNoiseV, weightSign } = calibration;
  const kelvin = measured.temperatureK;
  return [
    [
      'nodes',
      `${verdictCounts(calibration)
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(', ')} of ${nodes.length}`,
    ],
    [
      'board',
      `${board.boardId} (${board.source}), firmware ${board.firmware}, ${board.rows} × ${board.columns} cells`,
    ],
    ['device', calibration.device],
    ['measured', `${wallTime(measured.fromWallNs)} to ${wallTime(measured.toWallNs)}`],
    [
      'temperature',
      kelvin === null
        ? 'not known: the board has no sensor; parameters are those of the temperature it had'
        : `${kelvin.mean.toFixed(2)} K, ${kelvin.min.toFixed(2)} to ${kelvin.max.toFixed(2)} K`,
    ],
    ['expires', wallTime(calibration.expiresWallNs)],
    ['noise of a reading', `${quantity(readNoiseV, 'V')} at the node`],
    ['weight', `W = ${weightSign === 1 ? 'V_R - V_S' : 'V_S - V_R'} as read: SET raises it`],
    ...fitRow(calibration),
    ['software', `fnloop ${software.version}, commit ${software.commit ?? 'unknown'}`],
  ];
}

function fitRow(calibration: Calibration): [name: string, value: string][] {
  const found = goodNodes(calibration).map(({ fit }) => fit.diagnostics);
  if (found.length === 0) return [];
  const sum = (of: (one: (typeof found)[number]) => number) =>
    found.reduce((total, one) => total + of(one), 0);
  const perDof = sum(({ chi2 }) => chi2) / sum(({ dof }) => dof);
  return [
    [
      'fit of good nodes',
      `${sum(({ points }) => points)} readings, ${sum(({ outliers }) => outliers)} outliers set aside, chi2/dof ${perDof.toFixed(3)}`,
    ],
  ];
}

/** What a voltage read-out cannot determine: as configured, with its tolerance. */
export function givenRows({ given }: Calibration, device: Device): [name: string, value: string][] {
  const { nodeCapacitanceFF, readGain, dacGain, oxide } = device;
  const mark = ({ provenance }: Toleranced) => `[${provenance}]`;
  return [
    [
      'C_T',
      `${plain(given.nodeCapacitanceFF)} fF ± ${percent(given.nodeCapacitanceRel)} ${mark(nodeCapacitanceFF)}: codes tell voltages, charge follows by it`,
    ],
    [
      'read gain',
      `as the board announces it ± ${ppm(given.readGainRel)} ${mark(readGain)}: an error of it makes k2 and eta larger alike, which no reading shows`,
    ],
    [
      'DAC gain',
      `${given.dacGain.toFixed(6)} ± ${ppm(given.dacGainRel)} ${mark(dacGain)}: it cannot be told from eta`,
    ],
    ['read offset', `± ${quantity(given.offsetSigmaV, 'V')} a node [assumed], the prior of the fit`],
    [
      'oxide',
      `${oxide.thicknessNm} nm ± ${percent(oxide.thicknessRel)}, ${oxide.areaUm2} µm² ± ${percent(oxide.areaRel)}, barrier ${oxide.barrierEV} eV, m*/m0 ${oxide.massRel} [${oxide.provenance}]`,
    ],
  ];
}

const ppm = (rel: number): string => `${(1e6 * rel).toFixed(0)} ppm`;
