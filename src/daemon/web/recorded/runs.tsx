import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../../core/errors.ts';
import { routes } from '../../routes/index.ts';
import type { RunListed } from '../../routes/runs.ts';
import { AskButton } from '../shell/ask-button.tsx';
import { usePage } from '../shell/page-context.ts';
import { Comparison, MOST_COMPARED } from './comparison.tsx';
import { type Filter, RunFilter } from './run-filter.tsx';
import { RunTable } from './run-table.tsx';

const PAGE = 50;

/** Recorded runs: found, looked at, compared. */
export function Runs() {
  const [filter, setFilter] = useState<Filter>({});
  const { runs, problem, more } = useRuns(filter);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (run: string) =>
    setChosen((known) =>
      known.includes(run) ? known.filter((each) => each !== run) : [...known, run].slice(-MOST_COMPARED),
    );
  return (
    <div class="cards">
      <section class="card wide" aria-labelledby="runs-heading">
        <h2 id="runs-heading">Runs</h2>
        <RunFilter onFilter={setFilter} />
        {problem !== null && <p role="alert">{problem}</p>}
        <RunTable runs={runs} chosen={chosen} onToggle={toggle} />
        {more !== undefined && <AskButton onClick={more}>Older ones</AskButton>}
      </section>
      {chosen.length > 0 && <Comparison runs={chosen} />}
    </div>
  );
}

/** A page of runs, and what asks for the next one. */
function useRuns(filter: Filter) {
  const page = usePage();
  const [runs, setRuns] = useState<readonly RunListed[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [isMore, setMore] = useState(false);
  const ask = async (before: string | undefined, isWanted: () => boolean) => {
    try {
      const found = await page.client.ask(routes.listRuns, { query: { ...filter, before, limit: PAGE } });
      if (!isWanted()) return;
      setRuns((known) => (before === undefined ? found : [...known, ...found]));
      setMore(found.length === PAGE);
      setProblem(null);
    } catch (error) {
      if (isWanted()) setProblem(messageOf(error));
    }
  };
  // The list is asked for anew when a run has ended.
  const ended = page.lab.jobs.value.filter(({ state }) => state === 'finished').length;
  useEffect(() => {
    let isOver = false;
    void ask(undefined, () => !isOver);
    return () => {
      isOver = true;
    };
  }, [filter, ended]);
  const last = runs.at(-1)?.runId;
  return {
    runs,
    problem,
    more: isMore && last !== undefined ? () => void ask(last, () => true) : undefined,
  };
}
