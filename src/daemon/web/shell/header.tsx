import { routes } from '../../routes/index.ts';
import { usePage } from './page-context.ts';
import { addressOf, type Part, parts } from './place.ts';
import { ThemeButton } from './theme.tsx';

const names: Readonly<Record<Part, string>> = { boards: 'Boards', runs: 'Runs', start: 'Start a run' };

const connections = {
  connecting: 'connecting',
  live: 'live',
  lost: 'connection lost, trying again',
} as const;

export function Header({ part }: { readonly part: Part }) {
  const { lab, askForToken } = usePage();
  const about = lab.about.value;
  const connection = lab.connection.value;
  return (
    <header>
      <h1>
        fnloop <small title={`commit ${about?.commit ?? 'unknown'}`}>{about?.version}</small>
      </h1>
      <nav aria-label="Parts of the page">
        {parts.map((each) => (
          <a key={each} href={addressOf(each)} aria-current={each === part ? 'page' : undefined}>
            {names[each]}
          </a>
        ))}
      </nav>
      <p class={`connection ${connection}`} role="status">
        {connections[connection]}
        {about?.isWell === false && <strong> not well: {about.reasons.join(' ')}</strong>}
      </p>
      <div class="tools">
        <button type="button" class="quiet" onClick={askForToken}>
          {about === null ? 'token' : `${about.caller.name} (${about.caller.role})`}
        </button>
        <ThemeButton />
        <SafeAll />
      </div>
    </header>
  );
}

/** Every board that can be reached, at once. */
function SafeAll() {
  const { lab } = usePage();
  const safe = useSafe();
  return (
    <button
      type="button"
      class="safe"
      onClick={() => lab.boards.value.forEach(({ name }) => void safe(name))}
      title="Outputs of all boards to rest, now"
    >
      SAFE all
    </button>
  );
}

/** Brings a board to rest, and says how that went. */
export function useSafe(): (board: string) => Promise<void> {
  const { act } = usePage();
  return (board) =>
    act(`SAFE ${board}`, `${board}: outputs at rest, disarmed`, (client) =>
      client.ask(routes.makeSafe, { params: { board } }),
    );
}
