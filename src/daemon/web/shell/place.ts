import { useEffect, useState } from 'preact/hooks';

export const parts = ['boards', 'runs', 'start'] as const;
export type Part = (typeof parts)[number];

/** What of the page is shown, as its address says after `#`. */
export interface Place {
  readonly part: Part;
  /** Of a board; null where none is named. */
  readonly name: string | null;
}

export const addressOf = (part: Part, name: string | null = null): string =>
  `#/${part}${name === null ? '' : `/${encodeURIComponent(name)}`}`;

export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return placeOf(hash);
}

function placeOf(hash: string): Place {
  const [, first, name] = hash.split('/');
  const part = parts.find((known) => known === first) ?? 'boards';
  return { part, name: name === undefined || name === '' ? null : decoded(name) };
}

/** An address that somebody has typed may be anything. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
