import type { Field, FormDefinition } from '@/generated/forms';
import { valueAt, type FormValue } from '@/fields/paths';

/** Where a form holds what discretion is about, whichever form it is. */
export interface DiscretionPlaces {
  violation: string;
  fine: string;
  level: Field | null;
  reason: string | null;
  kind: Field | null;
}

/** Forms with a violation and a fine beside it; the others have nothing to weigh. */
export function discretionPlaces(definition: FormDefinition): DiscretionPlaces | null {
  const fields = definition.sections.flatMap((section) => section.fields);
  const violation = fields.find((field) => field.kind.kind === 'violation');
  const fine = fields.find((field) => field.kind.kind === 'money' && /(^|_|\.)fine_fen$/.test(field.path));
  if (!violation || !fine) return null;
  const named = (name: string) => fields.find((field) => field.path.split('.').at(-1) === name) ?? null;
  return {
    violation: violation.path,
    fine: fine.path,
    level: named('discretion'),
    reason: named('discretion_reason')?.path ?? null,
    kind: named('penalty_kind'),
  };
}

const holds = (field: Field | null, choice: string) =>
  field?.kind.kind === 'choice' && field.kind.options.some(({ value }) => value === choice);

/** The amount, and with it the kind of penalty where the form asks for one. */
export function fineFill(places: DiscretionPlaces, fineFen: number): [string, unknown][] {
  const kind: [string, unknown][] = holds(places.kind, 'fine') && places.kind ? [[places.kind.path, 'fine']] : [];
  return [...kind, [places.fine, fineFen]];
}

export function levelFill(places: DiscretionPlaces, level: string): [string, unknown][] {
  return places.level && holds(places.level, level) ? [[places.level.path, level]] : [];
}

/** The fine in the form where it lies outside the band, null otherwise. */
export function outside(
  places: DiscretionPlaces,
  value: FormValue,
  band: { min_fen: number; max_fen: number } | null,
): number | null {
  const fine = valueAt(value, places.fine);
  if (!band || typeof fine !== 'number') return null;
  return fine < band.min_fen || fine > band.max_fen ? fine : null;
}
