import type * as z from 'zod';
import { policyNames } from '../../../config/policy.ts';
import type { routes } from '../../routes/index.ts';

type Query = z.input<typeof routes.listRuns.query>;
export type Filter = Pick<Query, 'text' | 'status' | 'source' | 'policy' | 'task' | 'board'>;

const texts = { text: 'id has', task: 'task', board: 'chip' } as const;
const choices = {
  status: ['running', 'finished', 'interrupted', 'failed'],
  source: ['board', 'mock'],
  policy: policyNames,
} as const;

/** Which runs are listed. */
export function RunFilter({ onFilter }: { readonly onFilter: (filter: Filter) => void }) {
  return (
    <form
      class="filter"
      onSubmit={(event) => event.preventDefault()}
      onInput={({ currentTarget }) => {
        const given = [...new FormData(currentTarget)].filter(([, value]) => value !== '');
        onFilter(Object.fromEntries(given) as Filter);
      }}
    >
      {Object.entries(texts).map(([name, label]) => (
        <label key={name}>
          {label}
          <input name={name} type="search" maxLength={200} />
        </label>
      ))}
      {Object.entries(choices).map(([name, values]) => (
        <label key={name}>
          {name}
          <select name={name}>
            <option value="">any</option>
            {values.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
      ))}
    </form>
  );
}
