import type { InstrumentView } from '@/generated/terminal';

/** Pages change with the state and the signatures too, not only with the value. */
export function pageMark(view: InstrumentView): string {
  return [view.state, ...view.signatures.filter(({ is_current }) => is_current).map(({ signed_at }) => signed_at)].join(
    '-',
  );
}
