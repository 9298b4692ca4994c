import { createRouter, createWebHashHistory } from 'vue-router';
import CasesScreen from './cases/CasesScreen.vue';

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', name: 'cases', component: CasesScreen },
    { path: '/case/:id', name: 'case', component: () => import('./cases/CaseScreen.vue'), props: true },
    { path: '/queue', name: 'queue', component: () => import('./office/QueueScreen.vue') },
    { path: '/disclosures', name: 'disclosures', component: () => import('./office/DisclosuresScreen.vue') },
    { path: '/codes', name: 'codes', component: () => import('./office/CodesScreen.vue') },
    { path: '/seals', name: 'seals', component: () => import('./office/SealsScreen.vue') },
    { path: '/duties', name: 'duties', component: () => import('./overview/DutiesScreen.vue') },
    { path: '/terminals', name: 'terminals', component: () => import('./overview/TerminalsScreen.vue') },
    { path: '/officers', name: 'officers', component: () => import('./overview/OfficersScreen.vue') },
    { path: '/views', name: 'views', component: () => import('./overview/ViewsScreen.vue') },
    { path: '/health', name: 'health', component: () => import('./overview/HealthScreen.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
});
