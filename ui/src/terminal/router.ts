import { createRouter, createWebHashHistory } from 'vue-router';
import HomeScreen from './home/HomeScreen.vue';
import SignInScreen from './session/SignInScreen.vue';

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', name: 'home', component: HomeScreen },
    { path: '/sign-in', name: 'sign-in', component: SignInScreen },
    { path: '/present', name: 'present', component: () => import('./presentation/PresentScreen.vue') },
    { path: '/badge', name: 'badge', component: () => import('./presentation/BadgeScreen.vue') },
    { path: '/open', name: 'open', component: () => import('./inspection/OpenScreen.vue') },
    { path: '/case/:id', name: 'case', component: () => import('./inspection/CaseScreen.vue'), props: true },
    {
      path: '/case/:id/evidence',
      name: 'evidence',
      component: () => import('./evidence/EvidenceScreen.vue'),
      props: true,
    },
    {
      path: '/instrument/:id',
      name: 'instrument',
      component: () => import('./instruments/InstrumentScreen.vue'),
      props: (route) => ({ id: String(route.params.id), tab: String(route.query.tab ?? '') }),
    },
    { path: '/printing', name: 'printing', component: () => import('./printing/PrintingScreen.vue') },
    { path: '/sync', name: 'sync', component: () => import('./sync/SyncScreen.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});
