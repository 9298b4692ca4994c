import { computed, ref, type ComputedRef } from 'vue';

export type Language = 'zh-CN' | 'en';

const asked = new URLSearchParams(globalThis.location?.search ?? '').get('lang');

/** The language of this window; Chinese unless somebody asks otherwise. */
export const language = ref<Language>(asked === 'en' ? 'en' : 'zh-CN');

export function setLanguage(next: Language): void {
  language.value = next;
  document.documentElement.lang = next;
}

/** Makes the messages of a surface: one text per language, all of the same shape. */
export function messagesIn<M extends object>(texts: Record<Language, M>): () => ComputedRef<M> {
  const current = computed(() => texts[language.value]);
  return () => current;
}
