import { useState } from 'preact/hooks';
import { wallTime } from '../../../core/format.ts';
import type { BoardStatus } from '../../lab.ts';
import { routes } from '../../routes/index.ts';
import { AskButton } from '../shell/ask-button.tsx';
import { CardHeading } from '../shell/card-heading.tsx';
import { Listing } from '../shell/listing.tsx';
import { usePage } from '../shell/page-context.ts';
import { StateMark } from './state-mark.tsx';

/** What a board is, how it is, and since when. */
export function BoardCard({ board }: { readonly board: BoardStatus }) {
  const { address, state, reason, sinceWallNs, identity, temperatureK, session } = board;
  return (
    <section class="card" aria-labelledby="board-heading">
      <CardHeading id="board-heading">Board</CardHeading>
      <p>
        <StateMark state={state} /> since {wallTime(sinceWallNs)}
        {reason !== null && <span class="reason">: {reason}</span>}
      </p>
      <Listing
        rows={[
          ['address', address],
          [
            'chip',
            identity === null ? '-' : `${identity.boardId}, ${identity.rows} × ${identity.columns} cells`,
          ],
          ['source', identity === null ? '-' : `${identity.source}, ${identity.clock} time`],
          ['firmware', identity?.firmware ?? '-'],
          ['temperature', temperatureK === null ? '-' : `${temperatureK.toFixed(1)} K`],
          ['session', session ?? 'none'],
        ]}
      />
      <Service board={board} />
    </section>
  );
}

function Service({ board: { name, state } }: { readonly board: BoardStatus }) {
  const { act } = usePage();
  const [reason, setReason] = useState('');
  const params = { board: name };
  if (state === 'resting')
    return (
      <AskButton
        onClick={() =>
          void act(`Go on with ${name}`, `${name} may work again`, (client) =>
            client.ask(routes.goOn, { params }),
          )
        }
      >
        Go on
      </AskButton>
    );
  if (state === 'quarantined')
    return (
      <AskButton
        onClick={() =>
          void act(`Release ${name}`, `${name} is back in service`, (client) =>
            client.ask(routes.release, { params }),
          )
        }
      >
        Back into service
      </AskButton>
    );
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        void act(`Quarantine ${name}`, `${name} is out of service`, (client) =>
          client.ask(routes.quarantine, { params, body: { reason } }),
        );
      }}
    >
      <label>
        Take out of service because
        <input
          required
          maxLength={500}
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <AskButton type="submit">Quarantine</AskButton>
    </form>
  );
}
