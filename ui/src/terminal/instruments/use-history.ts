import { computed, ref, shallowRef } from 'vue';
import type { FormValue } from '@/fields/paths';

const most = 200;
/** Edits of one place within this time are one step back. */
const joinMs = 900;

/** Edits of a value that can be taken back and done again. */
export function useHistory(start: FormValue) {
  const value = shallowRef<FormValue>(start);
  const past = ref<FormValue[]>([]) as { value: FormValue[] };
  const future = ref<FormValue[]>([]) as { value: FormValue[] };
  let lastPath = '';
  let lastAt = 0;

  function edit(next: FormValue, path: string, at = Date.now()): void {
    const joins = path === lastPath && at - lastAt < joinMs && past.value.length > 0;
    if (!joins) past.value = [...past.value.slice(1 - most), value.value];
    future.value = [];
    lastPath = path;
    lastAt = at;
    value.value = next;
  }

  function undo(): boolean {
    const former = past.value.at(-1);
    if (!former) return false;
    past.value = past.value.slice(0, -1);
    future.value = [...future.value, value.value];
    value.value = former;
    lastPath = '';
    return true;
  }

  function redo(): boolean {
    const next = future.value.at(-1);
    if (!next) return false;
    future.value = future.value.slice(0, -1);
    past.value = [...past.value, value.value];
    value.value = next;
    lastPath = '';
    return true;
  }

  function restart(next: FormValue): void {
    value.value = next;
    past.value = [];
    future.value = [];
    lastPath = '';
  }

  return {
    value,
    edit,
    undo,
    redo,
    restart,
    canUndo: computed(() => past.value.length > 0),
    canRedo: computed(() => future.value.length > 0),
  };
}
