import { percent, quantity, wallTime } from '../../../core/format.ts';
import type { RunListed } from '../../routes/runs.ts';
import { ScrollTable } from '../shell/scroll-table.tsx';
import { ReportButton } from './report-button.tsx';

interface TableParts {
  readonly runs: readonly RunListed[];
  readonly chosen: readonly string[];
  readonly onToggle: (run: string) => void;
}

const heads = [
  'compare',
  'run',
  'status',
  'source',
  'chip',
  'task',
  'policy',
  'begun',
  'test',
  'updates',
  'an update',
  'matched bound',
  'report',
];

export function RunTable({ runs, chosen, onToggle }: TableParts) {
  if (runs.length === 0) return <p class="empty">No run is like that.</p>;
  return (
    <ScrollTable labelledBy="runs-heading" heads={heads}>
      {runs.map((run) => (
        <RunRow key={run.runId} run={run} isChosen={chosen.includes(run.runId)} onToggle={onToggle} />
      ))}
    </ScrollTable>
  );
}

interface RowParts {
  readonly run: RunListed;
  readonly isChosen: boolean;
  readonly onToggle: (run: string) => void;
}

function RunRow({ run, isChosen, onToggle }: RowParts) {
  const { runId, unreadable } = run;
  if (unreadable !== null)
    return (
      <tr>
        <td />
        <th scope="row">{runId}</th>
        <td colSpan={heads.length - 2} class="reason">
          {unreadable.message}
        </td>
      </tr>
    );
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`Compare ${runId}`}
          checked={isChosen}
          onChange={() => onToggle(runId)}
        />
      </td>
      <th scope="row">{runId}</th>
      {cellsOf(run).map((text, index) => (
        <td key={heads[index + 2]}>{text}</td>
      ))}
      <td>{run.status === 'running' ? '' : <ReportButton run={runId} />}</td>
    </tr>
  );
}

const cellsOf = (run: RunListed): string[] => [
  run.status ?? '-',
  run.source ?? '-',
  run.board ?? '-',
  run.task ?? '-',
  run.policy ?? '-',
  run.startedWallNs === null ? '-' : wallTime(run.startedWallNs),
  percent(run.testAccuracy),
  String(run.updates ?? '-'),
  quantity(run.energyPerUpdateFJ, 'fJ'),
  quantity(run.matchedPerUpdateZJ, 'zJ'),
];
