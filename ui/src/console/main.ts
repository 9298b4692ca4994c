import { VueQueryPlugin } from '@tanstack/vue-query';
import { createApp } from 'vue';
import { hq } from '@/client/console';
import { newQueryClient } from '@/client/query-client';
import '@/design/base.css';
import { applyThemes } from '@/design/themes';
import { language, setLanguage } from '@/messages/language';
import { consoleHost } from '@/platform/console';
import ConsoleApp from './ConsoleApp.vue';
import './dense.css';
import { router } from './router';

setLanguage(language.value);
applyThemes();
void consoleHost().then((host) => {
  const app = createApp(ConsoleApp);
  hq.install(app, host);
  app.use(VueQueryPlugin, { queryClient: newQueryClient('me') });
  app.use(router);
  app.mount('#app');
});
