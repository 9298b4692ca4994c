import { useQueries } from '@tanstack/vue-query';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { terminal } from '@/client/terminal';
import type { InstrumentRow, InstrumentView } from '@/generated/terminal';

/** The issued instruments of a case with their contents, so that nothing here has to know a form by its code. */
export function useIssuedForms(instruments: MaybeRefOrGetter<InstrumentRow[]>) {
  const host = terminal.useHost();
  const issued = computed(() => toValue(instruments).filter(({ state }) => state === 'issued'));
  const views = useQueries({
    queries: computed(() =>
      issued.value.map(({ instrument_id }) => ({
        queryKey: ['instrument', { instrument_id }],
        queryFn: (): Promise<InstrumentView> => host.call('instrument', { instrument_id }),
        networkMode: 'always' as const,
        retry: false,
      })),
    ),
  });
  const issuedViews = computed(() =>
    issued.value.flatMap((row, index) => {
      const view = views.value[index]?.data;
      return view ? [{ row, view }] : [];
    }),
  );
  const isPending = computed(() => views.value.some((query) => query.isPending));
  return { issuedViews, isPending };
}
