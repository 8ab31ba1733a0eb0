import { Boards } from '../board/boards.tsx';
import { Runs } from '../recorded/runs.tsx';
import { Start } from '../start/start.tsx';
import { BoardStrip } from './board-strip.tsx';
import { ConnectionLine } from './connection-line.tsx';
import { Header } from './header.tsx';
import { NoticeList } from './notice-list.tsx';
import { useIsPresent, usePage } from './page-context.ts';
import { type Place, usePlace } from './place.ts';
import { SafeAll } from './safe-all.tsx';
import { TokenDialog } from './token-dialog.tsx';

/** The page: what is always in reach on top, and below it one of its three parts. */
export function App() {
  const place = usePlace();
  const { lab } = usePage();
  const isPresent = useIsPresent();
  const shown = place.part === 'boards' ? (place.name ?? lab.boards.value[0]?.name ?? null) : null;
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="top">
        <div class="bar">
          <SafeAll />
          <ConnectionLine />
        </div>
        <BoardStrip shown={shown} />
      </div>
      <Header part={place.part} />
      <main id="main" tabIndex={-1} class={isPresent ? undefined : 'past'}>
        {partOf(place)}
      </main>
      <div class="foot">
        <NoticeList />
        <TokenDialog />
      </div>
    </>
  );
}

function partOf({ part, name }: Place) {
  switch (part) {
    case 'boards':
      return <Boards name={name} />;
    case 'runs':
      return <Runs />;
    case 'start':
      return <Start board={name} />;
  }
}
