import type { ComponentProps } from 'preact';
import { useIsPresent } from './page-context.ts';

/** A button that asks the daemon for something, which it cannot while the daemon is away. */
export function AskButton({ disabled = false, ...rest }: ComponentProps<'button'>) {
  const isPresent = useIsPresent();
  return <button type="button" {...rest} disabled={disabled || !isPresent} />;
}
