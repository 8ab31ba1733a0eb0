import { useIsPresent, usePage } from './page-context.ts';
import { addressOf, type Part, parts } from './place.ts';
import { ThemeButton } from './theme.tsx';

const names: Readonly<Record<Part, string>> = { boards: 'Boards', runs: 'Runs', start: 'Start a run' };

/** Below what is always in reach: what it says may take any room. */
export function Header({ part }: { readonly part: Part }) {
  const { lab, askForToken } = usePage();
  const isPresent = useIsPresent();
  const about = lab.about.value;
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
      <div class="tools">
        <button type="button" class="quiet" onClick={askForToken}>
          {about === null ? 'token' : `${about.caller.name} (${about.caller.role})`}
        </button>
        <ThemeButton />
      </div>
      {about?.isWell === false && (
        <p class={isPresent ? 'unwell' : 'unwell past'}>
          {isPresent ? '' : 'last known: '}not well: {about.reasons.join(' ')}
        </p>
      )}
    </header>
  );
}
