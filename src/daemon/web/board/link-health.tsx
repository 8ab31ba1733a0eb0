import { type LinkStatistics, troubles } from '../../../board/link-statistics.ts';
import { snakeCase } from '../../../core/format.ts';
import { CardHeading } from '../shell/card-heading.tsx';
import { Listing } from '../shell/listing.tsx';

/** What the link of a board did and went through since its process began. */
export function LinkHealth({ link }: { readonly link: LinkStatistics | null }) {
  return (
    <section class="card" aria-labelledby="link-heading">
      <CardHeading id="link-heading">Link</CardHeading>
      {link === null ? <p class="empty">Not connected.</p> : <Listing rows={rowsOf(link)} />}
    </section>
  );
}

function rowsOf(link: LinkStatistics): [string, string][] {
  const met = troubles.filter((name) => link[name] > 0);
  return [
    ['out', `${link.linesSent} lines, ${kilobytes(link.bytesSent)}`],
    ['back', `${link.linesReceived} lines, ${kilobytes(link.bytesReceived)}`],
    ['reply beyond work', `${link.roundTripMs.toFixed(1)} ms on average`],
    ...(link.leastSlackUs === null
      ? []
      : [['least slack', `${(link.leastSlackUs / 1e3).toFixed(1)} ms`] as [string, string]]),
    ...(met.length === 0
      ? [['trouble', 'none'] as [string, string]]
      : met.map((name): [string, string] => [snakeCase(name).replaceAll('_', ' '), String(link[name])])),
  ];
}

const kilobytes = (bytes: number): string => `${(bytes / 1e3).toFixed(bytes < 1e5 ? 1 : 0)} kB`;
