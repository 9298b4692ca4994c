import type { FormValue } from './paths';

/** How many rows stand on the screen at once; a thousand rows type as fast as twenty. */
export const pageSize = 20;

export const pageOf = (index: number): number => Math.floor(Math.max(0, index) / pageSize);
export const pagesOf = (count: number): number => Math.max(1, Math.ceil(count / pageSize));

export const inserted = (rows: FormValue[], at: number, row: FormValue): FormValue[] => [
  ...rows.slice(0, at),
  row,
  ...rows.slice(at),
];

export const removed = (rows: FormValue[], at: number): FormValue[] => rows.filter((_, index) => index !== at);

/** The rows with one of them moved by so many places, as far as the list goes. */
export function moved(rows: FormValue[], at: number, by: number): FormValue[] {
  const to = at + by;
  const row = rows[at];
  if (row === undefined || to < 0 || to >= rows.length) return rows;
  return inserted(removed(rows, at), to, row);
}
