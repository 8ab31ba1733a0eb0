import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Page } from '../page.ts';

export const PageContext = createContext<Page | undefined>(undefined);

/** Whether what is shown is how things are now, and not how they were when the daemon was heard last. */
export const useIsPresent = (): boolean => usePage().lab.connection.value === 'live';

/** What every part of the page gets. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('A part of the page is rendered outside of it.');
  return page;
}
