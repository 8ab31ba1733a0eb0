import { useMemo } from 'preact/hooks';
import { percent, quantity } from '../../../core/format.ts';
import type { BoardStatus, Job, JobProgress } from '../../lab.ts';
import { Chart } from '../chart/chart.tsx';
import { accuracyData, energyData, inJoules, inPercent } from '../chart/run-charts.ts';
import { isUnderWay } from '../job-states.ts';
import { ReportButton } from '../recorded/report-button.tsx';
import { CardHeading } from '../shell/card-heading.tsx';
import { useIsPresent, usePage } from '../shell/page-context.ts';
import { JobButtons } from './job-buttons.tsx';
import { StateMark } from './state-mark.tsx';

interface LiveParts {
  readonly board: BoardStatus;
  /** Of this board. */
  readonly jobs: readonly Job[];
}

/** The run on a board, or the last one that was; what a session does to it. */
export function LiveRun({ board: { session }, jobs }: LiveParts) {
  const job = jobs.find(isUnderWay) ?? jobs.findLast(({ runId }) => runId !== null);
  return (
    <section class="card wide" aria-labelledby="live-heading">
      <CardHeading id="live-heading">{headingOf(session, job)}</CardHeading>
      {session !== null ? (
        <>
          <p>A trainer outside steers this board.</p>
          <RunCharts work={session} key={session} />
        </>
      ) : job !== undefined ? (
        <Watched job={job} key={job.id} />
      ) : (
        <p class="empty">No run yet.</p>
      )}
    </section>
  );
}

function headingOf(session: string | null, job: Job | undefined): string {
  if (session !== null) return 'Session';
  return job === undefined || isUnderWay(job) ? 'Run' : 'Last run';
}

function Watched({ job }: { readonly job: Job }) {
  const { task, policy, seed, method } = job.experiment;
  return (
    <>
      <p class="run-head">
        <StateMark state={job.state} /> <b>{job.id}</b> {task.name}, {policy.name}, seed {seed}
        {job.runId !== null && <code>{job.runId}</code>} <JobButtons job={job} />
        {job.state === 'finished' && job.runId !== null && <ReportButton run={job.runId} />}
      </p>
      {job.reason !== null && <p class="reason">{job.reason}</p>}
      <Progress step={job.progress?.step ?? 0} steps={method.steps} />
      <Tiles progress={job.progress} />
      <RunCharts work={job.id} />
    </>
  );
}

/** The course of a job or session. */
function RunCharts({ work }: { readonly work: string }) {
  const { lab } = usePage();
  const points = lab.courseOf(work).value;
  const accuracy = useMemo(() => accuracyData(points), [points]);
  const energy = useMemo(() => energyData(points), [points]);
  return (
    <div class="charts">
      <Chart title="Accuracy" data={accuracy} xLabel="step" format={inPercent} />
      <Chart title="Energy of an update, mean so far" data={energy} xLabel="step" format={inJoules} isLog />
    </div>
  );
}

function Progress({ step, steps }: { readonly step: number; readonly steps: number }) {
  const isPresent = useIsPresent();
  return (
    <label class="progress">
      {!isPresent && 'last known: '}step {step} of {steps}
      <progress max={steps} value={step} />
    </label>
  );
}

function Tiles({ progress }: { readonly progress: JobProgress | null }) {
  const energyFJ = progress?.energyPerUpdateFJ ?? null;
  const matchedZJ = progress?.boundsPerUpdateZJ?.['matched'] ?? null;
  return (
    <dl class="tiles">
      <Tile name="test accuracy" value={percent(progress?.testAccuracy ?? null)} />
      <Tile name="an update (full-cycle)" value={quantity(energyFJ, 'fJ')} />
      <Tile name="its matched bound" value={quantity(matchedZJ, 'zJ')} />
      <Tile name="updates" value={progress === null ? '-' : String(progress.updates)} />
      <Tile name="updates a second" value={progress === null ? '-' : progress.updatesPerS.toFixed(0)} />
      <Tile name="rows that wait for InfluxDB" value={String(progress?.backlogRows ?? 'nothing shipped')} />
    </dl>
  );
}

const Tile = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
