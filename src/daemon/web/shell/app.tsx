import { Boards } from '../board/boards.tsx';
import { Runs } from '../recorded/runs.tsx';
import { Start } from '../start/start.tsx';
import { BoardStrip } from './board-strip.tsx';
import { Header } from './header.tsx';
import { NoticeList } from './notice-list.tsx';
import { usePage } from './page-context.ts';
import { type Place, usePlace } from './place.ts';
import { TokenDialog } from './token-dialog.tsx';

/** The page: what is always in reach on top, and below it one of its three parts. */
export function App() {
  const place = usePlace();
  const { lab } = usePage();
  const shown = place.part === 'boards' ? (place.name ?? lab.boards.value[0]?.name ?? null) : null;
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="top">
        <Header part={place.part} />
        <BoardStrip shown={shown} />
      </div>
      <NoticeList />
      <main id="main" tabIndex={-1}>
        {partOf(place)}
      </main>
      <TokenDialog />
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
