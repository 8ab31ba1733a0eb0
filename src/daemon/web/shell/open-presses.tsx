import { Ago } from './ago.tsx';
import { usePage } from './page-context.ts';

/** What was pressed and is not confirmed: seen only where that takes longer than it should. */
export function OpenPresses() {
  const { safe } = usePage();
  // Of one board the first is told of: it has waited longest.
  const first = new Map(safe.open.value.toReversed().map((press) => [press.name, press]));
  return [...first.values()].map(({ name, sinceWallMs, reason }) => (
    <p key={name} class="notice fault late" role="status">
      <span>
        SAFE {name} is NOT confirmed yet, pressed <Ago wallMs={sinceWallMs} />: trying again. {reason}
      </span>
    </p>
  ));
}
