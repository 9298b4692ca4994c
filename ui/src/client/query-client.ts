import { MutationCache, QueryCache, QueryClient } from '@tanstack/vue-query';
import { toScreenError } from '@/platform/host';

/** Server state lives here and only in memory. A screen that finds itself locked out asks for the session again. */
export function newQueryClient(sessionRead: string): QueryClient {
  const onError = (thrown: unknown) => {
    if (toScreenError(thrown).code === 'locked') void client.invalidateQueries({ queryKey: [sessionRead] });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (thrown, query) => {
        if (query.queryKey[0] !== sessionRead) onError(thrown);
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { retry: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
  });
  return client;
}
