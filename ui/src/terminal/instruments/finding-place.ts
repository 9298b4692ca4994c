import { idOf } from '@/fields/paths';
import type { Field, Section } from '@/generated/forms';

/** The control that a finding is about, or the nearest place around it. */
export function placeOf(path: string): HTMLElement | null {
  if (path === '') return document.getElementById('whole-findings');
  const parts = path.split('.');
  for (let count = parts.length; count > 0; count -= 1) {
    const found = document.getElementById(idOf(parts.slice(0, count).join('.')));
    if (!found) continue;
    if (found.matches('input, select, textarea')) return found;
    return found.querySelector<HTMLElement>('input, select, textarea, button') ?? found;
  }
  return null;
}

/** True when a field of the form stands at or above the path. */
export function isAtField(sections: Section[], path: string): boolean {
  return sections.some(({ fields }) =>
    fields.some((field) => path === field.path || path.startsWith(`${field.path}.`)),
  );
}

/** The label of the field at or above a path. */
export function labelOf(sections: Section[], path: string): string | null {
  const fields = sections.flatMap((section) => section.fields);
  const exact = fields.find((field) => field.path === path);
  if (exact) return exact.label;
  const around = fields
    .filter((field: Field) => path.startsWith(`${field.path}.`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return around?.label ?? null;
}
