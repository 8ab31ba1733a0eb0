import { useEffect, useState } from 'preact/hooks';
import { duration } from '../../../core/format.ts';

/** How long ago that was, second by second; nothing is said aloud each time. */
export function Ago({ wallMs }: { readonly wallMs: number }) {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((nowMs - wallMs) / 1e3));
  return (
    <span class="ago" aria-live="off">
      {seconds < 60 ? `${seconds} s` : duration(seconds)} ago
    </span>
  );
}
