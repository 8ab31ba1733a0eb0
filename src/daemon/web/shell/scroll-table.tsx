import type { ComponentChildren } from 'preact';

interface TableParts {
  /** Id of the heading that says what it is of. */
  readonly labelledBy: string;
  /** An empty one is of the names of the rows. */
  readonly heads: readonly string[];
  readonly children: ComponentChildren;
}

/** A table that is moved sideways, by keyboard too, where there is no room for it. */
export function ScrollTable({ labelledBy, heads, children }: TableParts) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not move the table
    <section class="scroll" tabIndex={0} aria-labelledby={labelledBy}>
      <table>
        <thead>
          <tr>
            {heads.map((head) =>
              head === '' ? (
                <td key={head} />
              ) : (
                <th key={head} scope="col">
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

interface NamedRows extends Omit<TableParts, 'children'> {
  /** Each begins with its name. */
  readonly rows: readonly (readonly string[])[];
}

/** The same of texts. */
export function TextTable({ rows, ...table }: NamedRows) {
  return (
    <ScrollTable {...table}>
      {rows.map(([name = '', ...values]) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          {values.map((value, index) => (
            <td key={table.heads[index + 1]}>{value}</td>
          ))}
        </tr>
      ))}
    </ScrollTable>
  );
}
