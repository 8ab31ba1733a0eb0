import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Page } from '../page.ts';

export const PageContext = createContext<Page | undefined>(undefined);

/** What every part of the page gets. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('A part of the page is rendered outside of it.');
  return page;
}
