import { computed } from 'vue';
import { terminal } from '@/client/terminal';

/** Who is signed in at this terminal, and what is in force. */
export function useSession() {
  const start = terminal.useRead('start_state', {}, { every: 10_000 });
  const state = computed(() => start.data.value);
  return {
    start,
    state,
    isReady: computed(() => state.value?.phase === 'ready'),
    signedIn: computed(() => state.value?.officers.filter((officer) => officer.signed_in) ?? []),
    presentation: computed(() => state.value?.presentation ?? null),
  };
}

/** The address of a portrait or other stream, null without one. */
export function useStream() {
  const host = terminal.useHost();
  return (path: string | null | undefined): string | null => (path ? host.stream(path) : null);
}
