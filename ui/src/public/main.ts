import { createApp } from 'vue';
import '@/design/base.css';
import { applyThemes } from '@/design/themes';
import { language, setLanguage } from '@/messages/language';
import { publicHost } from '@/platform/public';
import PublicApp from './PublicApp.vue';
import { hostKey } from './host';

setLanguage(language.value);
applyThemes();
void publicHost().then((host) => createApp(PublicApp).provide(hostKey, host).mount('#app'));
