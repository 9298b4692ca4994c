import type { InstrumentView } from '@/generated/terminal';

/** Pages change with the state, the signatures and the seal too, not only with the value. */
export function pageMark(view: InstrumentView): string {
  const signed = view.signatures.filter(({ is_current }) => is_current).map(({ signed_at }) => signed_at);
  return [view.state, ...(view.seal?.is_sealed ? ['sealed'] : []), ...signed].join('-');
}
