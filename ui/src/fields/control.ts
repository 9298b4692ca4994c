import { computed } from 'vue';
import type { Field } from '@/generated/forms';
import type { Finding } from '@/generated/law';

/** What every field gets; it answers with `update` for its own place, `fill` for other places of the value. */
export interface FieldProps {
  field: Field;
  id: string;
  value: unknown;
  findings: Finding[];
  readonly: boolean;
}

/** Attributes that tie a control to its hint and findings. */
export function useControl(props: FieldProps) {
  return computed(() => ({
    id: props.id,
    'aria-required': props.field.required || undefined,
    'aria-invalid': props.findings.some((finding) => finding.severity === 'block') || undefined,
    'aria-describedby':
      [props.field.hint && `${props.id}-hint`, props.findings.length && `${props.id}-findings`]
        .filter(Boolean)
        .join(' ') || undefined,
    readonly: props.readonly || undefined,
  }));
}

export const asText = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
