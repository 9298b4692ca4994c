import type { PublicCommands } from '@/generated/public.client';
import { browserHost } from './browser';
import type { Host } from './host';

/** Headquarters, as anyone with a phone may ask it. */
export async function publicHost(): Promise<Host<PublicCommands>> {
  if (import.meta.env.MODE === 'fake') return (await import('@/testing/fake-public')).fakePublic();
  return browserHost<PublicCommands>('/public/rpc/');
}
