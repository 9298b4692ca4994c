import type { ConsoleCommands } from '@/generated/console.client';
import { browserHost } from './browser';
import type { Host } from './host';

/** Headquarters, as its officials ask it after login. */
export async function consoleHost(): Promise<Host<ConsoleCommands>> {
  if (import.meta.env.MODE === 'fake') return (await import('@/testing/fake-console')).fakeConsole();
  return browserHost<ConsoleCommands>('/rpc/');
}
