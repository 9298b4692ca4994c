import { ref, watchEffect } from 'vue';

export const themes = ['day', 'night', 'sunlight'] as const;
export type Theme = (typeof themes)[number];

const startsDark = globalThis.matchMedia?.('(prefers-color-scheme: dark)').matches ?? false;

/** How this window looks; it lasts as long as the window. */
export const theme = ref<Theme>(startsDark ? 'night' : 'day');
export const gloves = ref(false);

export function applyThemes(): void {
  watchEffect(() => {
    document.documentElement.dataset.theme = theme.value;
    document.documentElement.dataset.glove = gloves.value ? 'on' : 'off';
  });
}

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'day';
}
