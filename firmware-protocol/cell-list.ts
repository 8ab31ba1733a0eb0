import { FieldError } from './faults.ts';
import type { Field } from './field.ts';

/** Cells by index, written as ascending ranges: `0-30,40` is cells 0 to 30 and 40. No cell twice. */
export function cellList(key: string): Field<readonly number[]> {
  const refuse = (found: string): never => {
    throw new FieldError('bad-value', key, `expected ascending ranges such as 0-30,40, found '${found}'`);
  };
  return {
    key,
    accepts: 'ascending ranges of cell indices, `0-30,40`',
    isOptional: false,
    encode: (cells) => {
      const ranges: { first: number; last: number }[] = [];
      for (const cell of cells) {
        const open = ranges.at(-1);
        if (!Number.isInteger(cell) || cell < 0 || cell > MAX_CELL || (open && cell <= open.last))
          refuse(String(cell));
        if (open && cell === open.last + 1) open.last = cell;
        else ranges.push({ first: cell, last: cell });
      }
      if (ranges.length === 0) refuse('');
      return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
    },
    decode: (text) => {
      const cells: number[] = [];
      for (const range of text.split(',')) {
        const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? refuse(text);
        const start = Number(first);
        const end = Number(last);
        if (start > end || end > MAX_CELL || start <= (cells.at(-1) ?? -1)) refuse(text);
        for (let cell = start; cell <= end; cell += 1) cells.push(cell);
      }
      return cells;
    },
  };
}

/** Cell indices have 16 bits on the wire. */
export const MAX_CELL = 0xffff;
