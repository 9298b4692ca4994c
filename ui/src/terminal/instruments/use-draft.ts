import { useQueryClient } from '@tanstack/vue-query';
import { computed, onBeforeUnmount, ref, watch } from 'vue';
import { terminal } from '@/client/terminal';
import { withValueAt } from '@/fields/paths';
import type { Finding } from '@/generated/law';
import type { InstrumentView } from '@/generated/terminal';
import { toScreenError, type ScreenCode, type ScreenError } from '@/platform/host';
import { useHistory } from './use-history';

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed' | 'stale';

const pauseMs = 600;
const retryMs = 3_000;
/** Trying the same again would not help with these. */
const isFinal = (code: ScreenCode) =>
  ['locked', 'not_found', 'not_allowed', 'instrument_frozen', 'bad_request', 'too_large'].includes(code);

/** One instrument being filled: every edit saves itself, and the core answers with all findings. */
export function useDraft(instrumentId: string) {
  const host = terminal.useHost();
  const queries = useQueryClient();
  const payload = { instrument_id: instrumentId };
  const read = terminal.useRead('instrument', payload);
  const view = computed(() => read.data.value);

  const history = useHistory({});
  const revision = ref<number | null>(null);
  const findings = ref<Finding[]>([]);
  const state = ref<SaveState>('saved');
  const error = ref<ScreenError | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;

  /** What the core holds is taken over only while nothing here is unsaved. */
  watch(
    view,
    (next) => {
      if (!next || state.value !== 'saved' || running) return;
      if (revision.value !== next.revision) history.restart(next.value);
      revision.value = next.revision;
      findings.value = next.findings;
    },
    { immediate: true },
  );

  const isDraft = computed(() => view.value?.state === 'draft');

  function change(path: string, next: unknown): void {
    changeAll([[path, next]]);
  }

  function changeAll(changes: [path: string, next: unknown][]): void {
    if (!isDraft.value || !changes.length) return;
    const value = changes.reduce((former, [path, next]) => withValueAt(former, path, next), history.value.value);
    history.edit(value, changes.map(([path]) => path).join('+'));
    touch();
  }

  function touch(): void {
    if (state.value === 'stale') return;
    state.value = 'unsaved';
    clearTimeout(timer);
    timer = setTimeout(() => void save(), pauseMs);
  }

  async function save(): Promise<void> {
    clearTimeout(timer);
    if (running) await running;
    if (state.value !== 'unsaved' && state.value !== 'failed') return;
    running = push().finally(() => (running = null));
    await running;
  }

  async function push(): Promise<void> {
    const value = history.value.value;
    state.value = 'saving';
    try {
      const saved = await host.call('save_draft', { ...payload, value, revision: revision.value ?? 0 });
      revision.value = saved.revision;
      findings.value = saved.findings;
      error.value = null;
      // An edit made while this one was on its way is still to be saved.
      if (history.value.value === value) state.value = 'saved';
      else touch();
      queries.setQueryData<InstrumentView>(['instrument', payload], (former) =>
        former ? { ...former, value, revision: saved.revision, findings: saved.findings } : former,
      );
      void terminal.invalidate(queries, ['instrument', 'case', 'sync']);
    } catch (thrown) {
      error.value = toScreenError(thrown);
      if (error.value.code === 'stale') {
        state.value = 'stale';
      } else {
        state.value = 'failed';
        if (!isFinal(error.value.code)) timer = setTimeout(() => void save(), retryMs);
      }
    }
  }

  /** Takes what the core holds in place of what stands here. */
  async function reload(): Promise<void> {
    clearTimeout(timer);
    state.value = 'saved';
    error.value = null;
    revision.value = null;
    await read.refetch();
  }

  /** Everything typed is saved, or the state says why not. */
  async function flush(): Promise<boolean> {
    await save();
    if ((state.value as SaveState) === 'unsaved') await save();
    return state.value === 'saved';
  }

  const step = (move: () => boolean) => () => {
    if (isDraft.value && move()) touch();
  };

  onBeforeUnmount(() => {
    void save();
    clearTimeout(timer);
  });

  return {
    read,
    view,
    value: history.value,
    revision,
    findings,
    state,
    error,
    isDraft,
    change,
    changeAll,
    undo: step(history.undo),
    redo: step(history.redo),
    canUndo: history.canUndo,
    canRedo: history.canRedo,
    flush,
    reload,
  };
}

export type Draft = ReturnType<typeof useDraft>;
