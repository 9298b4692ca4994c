import { onBeforeUnmount, ref, type Ref } from 'vue';

/** True while the window is at least so wide. */
export function useWide(pixels: number): Ref<boolean> {
  const query = globalThis.matchMedia?.(`(min-width: ${pixels}px)`);
  const isWide = ref(query?.matches ?? false);
  const look = () => (isWide.value = query?.matches ?? false);
  query?.addEventListener?.('change', look);
  onBeforeUnmount(() => query?.removeEventListener?.('change', look));
  return isWide;
}
