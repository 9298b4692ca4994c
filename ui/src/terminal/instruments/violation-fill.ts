import type { Field, FormDefinition } from '@/generated/forms';
import type { ViolationRow } from '@/generated/terminal';
import { valueAt, type FormValue } from '@/fields/paths';

/** Which part of a violation belongs into a field of this name, wherever a form has one. */
const sources: Record<string, (violation: ViolationRow) => unknown> = {
  facts: (violation) => violation.facts_draft,
  violated: (violation) => violation.violated,
  law: (violation) => violation.violated,
  basis: (violation) => violation.basis,
};

/** What picking a violation fills in: fields beside it that are still empty, and citations in any case. */
export function violationFill(
  definition: FormDefinition,
  picked: Field,
  violation: ViolationRow,
  value: FormValue,
): [path: string, next: unknown][] {
  const block = picked.path.slice(0, picked.path.lastIndexOf('.') + 1);
  const fields = definition.sections.flatMap((section) => section.fields);
  return Object.entries(sources).flatMap(([name, source]): [string, unknown][] => {
    const path = block + name;
    const field = fields.find((candidate) => candidate.path === path);
    if (!field) return [];
    const isFree = field.kind.kind === 'citations' || !valueAt(value, path);
    return isFree ? [[path, source(violation)]] : [];
  });
}
