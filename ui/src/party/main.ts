import { VueQueryPlugin } from '@tanstack/vue-query';
import { createApp } from 'vue';
import { newQueryClient } from '@/client/query-client';
import { terminal } from '@/client/terminal';
import '@/design/base.css';
import { applyThemes } from '@/design/themes';
import { language, setLanguage } from '@/messages/language';
import { terminalHost } from '@/platform';
import PartyApp from './PartyApp.vue';

setLanguage(language.value);
applyThemes();
void terminalHost().then((host) => {
  const app = createApp(PartyApp);
  terminal.install(app, host);
  app.use(VueQueryPlugin, { queryClient: newQueryClient('start_state') });
  app.mount('#app');
});
