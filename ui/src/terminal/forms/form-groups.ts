import type { FormRow, NextStep } from '@/generated/terminal';
import { matches } from './initials';

export type GroupKey =
  | 'scene'
  | 'measures'
  | 'inspection'
  | 'simple'
  | 'inquiry'
  | 'notice'
  | 'decision'
  | 'delivery'
  | 'execution'
  | 'closing'
  | 'other';

/** The catalogue numbers its forms along the procedure; each group begins at a number. */
const starts: [from: number, group: GroupKey][] = [
  [1, 'scene'],
  [10, 'measures'],
  [18, 'inspection'],
  [21, 'simple'],
  [22, 'inquiry'],
  [26, 'notice'],
  [30, 'decision'],
  [34, 'delivery'],
  [36, 'execution'],
  [44, 'closing'],
  [51, 'other'],
];

export function groupOf(code: string): GroupKey {
  const number = Number(/^F(\d+)(?:-\d+)?$/.exec(code)?.[1] ?? 0);
  return starts.filter(([from]) => from <= number).at(-1)?.[1] ?? 'other';
}

export interface FormGroup {
  key: GroupKey | 'next';
  rows: FormRow[];
}

/** Forms as the officer looks for them: what the procedure asks for next leads, the rest follows the procedure. */
export function formGroups(rows: FormRow[], steps: NextStep[], words: string, onlyOpen: boolean): FormGroup[] {
  const found = rows
    .filter((row) => !onlyOpen || !row.refusal)
    .filter((row) => !words.trim() || matches(words, [row.code, row.title, row.purpose]));
  const asked = steps.filter(({ action }) => action === 'start_form').map(({ form }) => form);
  const leading = words.trim() ? [] : found.filter((row) => !row.refusal && asked.includes(row.code));
  leading.sort((a, b) => asked.indexOf(a.code) - asked.indexOf(b.code));
  const rest = found.filter((row) => !leading.includes(row));
  const keys = [...new Set(rest.map(({ code }) => groupOf(code)))];
  return [
    ...(leading.length ? [{ key: 'next' as const, rows: leading }] : []),
    ...keys.map((key) => ({ key, rows: rest.filter(({ code }) => groupOf(code) === key) })),
  ];
}
