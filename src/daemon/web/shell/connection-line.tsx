import { Ago } from './ago.tsx';
import { usePage } from './page-context.ts';

/** Whether the page shows how things are now. Its place is always kept, so that nothing moves when it has more to say. */
export function ConnectionLine() {
  const { lab } = usePage();
  const connection = lab.connection.value;
  if (connection === 'lost')
    return (
      <p class="connection lost">
        <strong role="alert">Connection lost, trying again.</strong>{' '}
        <span>
          All below is last known, heard <Ago wallMs={lab.heardWallMs.value} />. SAFE is still tried.
        </span>
      </p>
    );
  const isUnwell = lab.about.value?.isWell === false;
  return (
    <p class={`connection ${connection}`} role="status">
      {connection}
      {isUnwell && <strong> not well: see below</strong>}
    </p>
  );
}
