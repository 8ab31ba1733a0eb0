import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from './page-context.ts';

/** Asks for the token that the daemon wants. It is kept for this tab only. */
export function TokenDialog() {
  const { tokenWanted, useToken } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, setToken] = useState('');
  const reason = tokenWanted.value;
  useEffect(() => {
    if (reason !== null) dialog.current?.showModal();
    else dialog.current?.close();
  }, [reason]);
  return (
    <dialog ref={dialog} aria-labelledby="token-heading">
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
        <button type="submit">Use it</button>
      </form>
    </dialog>
  );
}
