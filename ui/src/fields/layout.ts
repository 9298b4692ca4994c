import type { Field } from '@/generated/forms';
import { valueAt, type FormValue } from './paths';

/** Fields that need the whole width. */
export function isWide(field: Field): boolean {
  if (field.kind.kind === 'choice') {
    const { options } = field.kind;
    return options.length <= 5 && options.reduce((sum, option) => sum + option.label.length + 3, 0) > 22;
  }
  if (field.kind.kind === 'text' && (field.max_chars ?? 0) >= 80) return true;
  return ['long_text', 'violation', 'citations', 'rows', 'shown', 'date_time', 'evidence'].includes(field.kind.kind);
}

/** A field stands while its condition holds. */
export function isShown(field: Field, value: FormValue): boolean {
  if (!field.when) return true;
  const at = valueAt(value, field.when.path);
  return field.when.is.includes(typeof at === 'string' ? at : String(at));
}
