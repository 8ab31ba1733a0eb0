/** Names and what they are, one a line. */
export function Listing({ rows }: { readonly rows: readonly (readonly [name: string, value: string])[] }) {
  return (
    <table class="listing">
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
