import { VueQueryPlugin } from '@tanstack/vue-query';
import { mount, type VueWrapper } from '@vue/test-utils';
import type { Component } from 'vue';
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router';
import { newQueryClient } from '@/client/query-client';
import { terminal } from '@/client/terminal';
import { fakeTerminal, type FakeTerminal } from './fake-terminal';

/** A screen of the terminal on a terminal in memory. */
export async function mountOnTerminal(
  screen: Component,
  props: Record<string, unknown> = {},
  host: FakeTerminal = fakeTerminal('busy'),
): Promise<{ page: VueWrapper; host: FakeTerminal; router: Router }> {
  const nowhere = { render: () => null };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/start', component: screen, props: () => props },
      { path: '/', name: 'home', component: nowhere },
      { path: '/present', name: 'present', component: nowhere },
      { path: '/badge', name: 'badge', component: nowhere },
      { path: '/:rest(.*)*', component: nowhere },
    ],
  });
  await router.push('/start');
  const page = mount(RouterView, {
    attachTo: document.body,
    global: {
      plugins: [
        [VueQueryPlugin, { queryClient: newQueryClient('start_state') }],
        router,
        (app) => terminal.install(app, host),
      ],
    },
  });
  await settled();
  return { page, host, router };
}

/** The clock of the machine, also where a test has put its own in its place. */
const { setTimeout: later } = globalThis;

/**
 * Lets every promise that is already on its way come home, and what is put off "until later" with it:
 * of two timers without delay the one set first rings first. Moves no clock.
 */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => later(resolve, 0));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
