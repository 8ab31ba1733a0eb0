import { useEffect, useMemo, useState } from 'preact/hooks';
import { messageOf } from '../../../core/errors.ts';
import { numberWithSigma, percent, quantity, withSigma } from '../../../core/format.ts';
import type { CurvePoint } from '../../curve.ts';
import { Chart } from '../chart/chart.tsx';
import { aboveZero, inJoules, inPercent } from '../chart/run-charts.ts';
import { joined, type Point } from '../chart/series.ts';
import { usePage } from '../shell/page-context.ts';
import { TextTable } from '../shell/scroll-table.tsx';
import { type ComparedRun, ComparedRuns } from './compared-runs.ts';

export const MOST_COMPARED = 6;

/** Runs side by side: their results, and their courses in the same charts. */
export function Comparison({ runs: ids }: { readonly runs: readonly string[] }) {
  const { runs, problems } = useCompared(ids);
  const linesBy = (pointOf: (point: CurvePoint) => Point) =>
    joined(
      runs.map(({ runId, curve }, index) => ({
        label: runId,
        color: `--series-${(index % MOST_COMPARED) + 1}`,
        points: curve.map(pointOf),
      })),
    );
  const [accuracy, energy, tradeOff] = useMemo(
    () => [
      linesBy(({ step, testAccuracy }) => ({ x: step, y: testAccuracy })),
      linesBy(({ step, energyPerUpdateFJ }) => ({ x: step, y: aboveZero(energyPerUpdateFJ) })),
      linesBy(({ energyPerUpdateFJ, updatesSoFar, testAccuracy }) => ({
        x: (energyPerUpdateFJ ?? 0) * updatesSoFar,
        y: testAccuracy,
      })),
    ],
    [runs],
  );
  return (
    <section class="card wide" aria-labelledby="comparison-heading">
      <h2 id="comparison-heading">Comparison</h2>
      {problems.map((problem) => (
        <p key={problem} role="alert">
          {problem}
        </p>
      ))}
      {runs.length > 0 && (
        <>
          <TextTable
            labelledBy="comparison-heading"
            heads={['', ...runs.map(({ runId }) => runId)]}
            rows={rows.map(([name, of]) => [name, ...runs.map(of)])}
          />
          <div class="charts">
            <Chart title="Test accuracy" data={accuracy} xLabel="step" format={inPercent} />
            <Chart
              title="Energy of an update (full-cycle), mean so far"
              data={energy}
              xLabel="step"
              format={inJoules}
              isLog
            />
            <Chart
              title="Test accuracy over the energy of all updates so far (full-cycle)"
              data={tradeOff}
              xLabel="energy"
              format={inPercent}
              formatX={inJoules}
            />
          </div>
        </>
      )}
    </section>
  );
}

function useCompared(ids: readonly string[]) {
  const page = usePage();
  const [known] = useState(() => new ComparedRuns());
  const [found, setFound] = useState<{ runs: readonly ComparedRun[]; problems: readonly string[] }>({
    runs: [],
    problems: [],
  });
  useEffect(() => {
    let isOver = false;
    void Promise.allSettled(ids.map((id) => known.of(page.client, id))).then((results) => {
      if (isOver) return;
      setFound({
        runs: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
        problems: results.flatMap((result, index) =>
          result.status === 'rejected' ? [`${ids[index]}: ${messageOf(result.reason)}`] : [],
        ),
      });
    });
    return () => {
      isOver = true;
    };
  }, [ids, known, page]);
  return found;
}

const rows: readonly (readonly [name: string, of: (run: ComparedRun) => string])[] = [
  ['source', ({ source }) => source],
  ['policy', ({ policy }) => policy],
  ['status', ({ status }) => status],
  ['test accuracy', ({ accuracy }) => percent(accuracy.test)],
  ['updates', ({ updates, pulses }) => `${updates} in ${pulses} pulses`],
  [
    'energy (full-cycle)',
    ({
      energyFJ: {
        'full-cycle': { mean, sigma },
      },
    }) => withSigma(mean, sigma, 'fJ'),
  ],
  ['cells in all', ({ waterfall: { cells } }) => quantity(cells.total, 'fJ')],
  ['matched bound', ({ bounds: { matched } }) => quantity(matched?.perUpdateZJ ?? null, 'zJ')],
  ['ratio', ({ ratio }) => ratio.reason ?? `${numberWithSigma(ratio.value, ratio.sigma)} (${ratio.bound})`],
  ['interruptions', ({ interruptions }) => String(interruptions.count)],
  ['time on the board', ({ boardTimeS }) => quantity(boardTimeS, 's')],
];
