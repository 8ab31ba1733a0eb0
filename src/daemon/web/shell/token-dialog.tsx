import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from './page-context.ts';

/** Asks for the token that the daemon wants. It is kept for this tab only. Nothing else is held up by it, least of all SAFE. */
export function TokenDialog() {
  const { tokenWanted, useToken, leaveToken } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, setToken] = useState('');
  const reason = tokenWanted.value;
  useEffect(() => {
    if (reason !== null) dialog.current?.show();
    else dialog.current?.close();
  }, [reason]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="token-heading"
      onKeyDown={({ key }) => {
        if (key === 'Escape') leaveToken();
      }}
    >
      <form
        method="dialog"
        onSubmit={() => {
          useToken(token.trim());
          setToken('');
        }}
      >
        <h2 id="token-heading">Token</h2>
        <p>{reason}</p>
        <label>
          Token of this daemon
          <input
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        <p class="hint">
          <code>fnloop daemon --new-token ROLE</code> makes one. This tab keeps it until it is closed.
        </p>
        <div class="buttons">
          <button type="submit" class="primary">
            Use it
          </button>
          <button type="button" onClick={leaveToken}>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  );
}
