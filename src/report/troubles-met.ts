import { type LinkStatistics, troubles } from '../board/link-statistics.ts';
import { snakeCase } from '../core/format.ts';

/** What a link went through in words; empty where it went through nothing. */
export const troublesMet = (link: LinkStatistics): string =>
  troubles
    .filter((name) => link[name] > 0)
    .map((name) => `${link[name]} ${snakeCase(name).replaceAll('_', ' ')}`)
    .join(', ');
