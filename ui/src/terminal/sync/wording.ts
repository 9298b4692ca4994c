import type { SyncState } from '@/generated/terminal';
import { clockTime } from '@/messages/format';
import { useMessages } from '@/messages/terminal';

/** How a sync state reads: what it does, why it waits, when it tries again. */
export function useSyncWording() {
  const m = useMessages();
  /** Between two rounds something may be only here although nothing goes wrong. */
  const isAhead = (sync: SyncState) => sync.state === 'idle' && sync.entries_total > sync.entries_at_headquarters;
  const state = (sync: SyncState) => m.value.sync.states[isAhead(sync) ? 'waiting' : sync.state] ?? sync.state;
  const cause = (sync: SyncState) => (sync.cause ? (m.value.sync.causes[sync.cause] ?? sync.cause) : null);
  const next = (sync: SyncState) => (sync.next_attempt_at ? m.value.sync.next(clockTime(sync.next_attempt_at)) : null);
  const tone = (sync: SyncState) =>
    ({ idle: isAhead(sync) ? 'info' : 'ok', working: 'info', waiting: 'warn', paused: 'warn', fork: 'block' })[
      sync.state
    ] as 'ok' | 'info' | 'warn' | 'block' | undefined;
  return { state, cause, next, tone };
}
