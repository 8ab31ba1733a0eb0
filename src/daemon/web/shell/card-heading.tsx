import type { ComponentChildren } from 'preact';
import { useIsPresent } from './page-context.ts';

interface HeadingParts {
  readonly id: string;
  readonly children: ComponentChildren;
}

/** Of a card that shows how something is: while the daemon is away, how it was. */
export function CardHeading({ id, children }: HeadingParts) {
  const isPresent = useIsPresent();
  return (
    <h3 id={id}>
      {children}
      {!isPresent && <small> (last known)</small>}
    </h3>
  );
}
