import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': page('src') } },
  server: { strictPort: true },
  build: {
    target: 'safari16',
    assetsInlineLimit: 0,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: {
        index: page('index.html'),
        party: page('party.html'),
        console: page('console.html'),
        public: page('public.html'),
      },
    },
  },
  test: {
    environment: 'happy-dom',
    // What stands in a frame is not looked at, and nothing is to be fetched for it.
    environmentOptions: {
      happyDOM: { settings: { enableIframePageLoading: true, navigation: { disableChildFrameNavigation: true } } },
    },
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/testing/setup.ts'],
    // A crowded machine is no fault of the screens; what hangs is ended all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
