import { OpenPresses } from './open-presses.tsx';
import { usePage } from './page-context.ts';

/** What was done lately, and what went wrong; the last of it first. */
export function NoticeList() {
  const { notices } = usePage();
  return (
    <div class="notices" aria-live="polite">
      <OpenPresses />
      {notices.all.value.toReversed().map(({ id, text, isFault }) => (
        <p key={id} class={isFault ? 'notice fault' : 'notice'} role={isFault ? 'alert' : undefined}>
          <span>{text}</span>
          <button type="button" class="quiet" aria-label="Put away" onClick={() => notices.putAway(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
