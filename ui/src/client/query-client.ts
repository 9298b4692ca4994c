import { QueryClient } from '@tanstack/vue-query';

/** Server state lives here and only in memory. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
  });
}
