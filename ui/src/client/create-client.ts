import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/vue-query';
import { computed, inject, toValue, type App, type InjectionKey, type MaybeRefOrGetter } from 'vue';
import { toScreenError, type CommandTable, type Effects, type Host, type ScreenError } from '@/platform/host';

interface ReadOptions<R> {
  enabled?: MaybeRefOrGetter<boolean>;
  /** Milliseconds between two looks at what changes without an act of this screen; false for never. */
  every?: number | ((latest: R | undefined) => number | false);
  /** Never asked again by itself: the answer is for one look, or looking leaves a record. */
  once?: boolean;
  keepPrevious?: boolean;
}

/** Reads and acts of one command list, with the tags that say what to look at again. */
export function createClient<C extends CommandTable<C>>(effects: Effects<C>) {
  const key: InjectionKey<Host<C>> = Symbol('host');
  type Name = keyof C & string;

  function install(app: App, host: Host<C>): void {
    app.provide(key, host);
  }

  function useHost(): Host<C> {
    const host = inject(key);
    if (!host) throw new Error('no host was provided');
    return host;
  }

  function useRead<N extends Name>(
    name: N,
    payload: MaybeRefOrGetter<C[N]['request']>,
    options: ReadOptions<C[N]['response']> = {},
  ) {
    const host = useHost();
    const { every } = options;
    const query = useQuery<C[N]['response'], ScreenError>({
      queryKey: computed(() => [name, toValue(payload)]),
      queryFn: () => host.call(name, toValue(payload)).catch(rethrow),
      enabled: computed(() => toValue(options.enabled) ?? true),
      refetchInterval:
        typeof every === 'function'
          ? (running) => every(running.state.data as C[N]['response'] | undefined)
          : (every ?? false),
      staleTime: options.once ? Infinity : 0,
      refetchOnWindowFocus: !options.once,
      retry: false,
      networkMode: 'always',
      placeholderData: options.keepPrevious ? (former: unknown) => former as never : undefined,
    });
    return query;
  }

  function useAct<N extends Name>(name: N) {
    const host = useHost();
    const queries = useQueryClient();
    return useMutation<C[N]['response'], ScreenError, C[N]['request']>({
      mutationKey: [name],
      mutationFn: (payload) => host.call(name, payload).catch(rethrow),
      onSuccess: () => void invalidate(queries, effects[name].tags),
      networkMode: 'always',
    });
  }

  /** Looks again at everything that provides one of the tags. */
  function invalidate(queries: QueryClient, tags: string[]): Promise<void> {
    return queries.invalidateQueries({
      predicate: (query) => {
        const effect = effects[query.queryKey[0] as keyof C];
        return effect?.effect === 'reads' && effect.tags.some((tag) => tags.includes(tag));
      },
    });
  }

  return { install, useHost, useRead, useAct, invalidate };
}

function rethrow(thrown: unknown): never {
  throw toScreenError(thrown);
}
