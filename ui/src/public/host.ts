import type { InjectionKey } from 'vue';
import type { PublicCommands } from '@/generated/public.client';
import type { Host } from '@/platform/host';

export const hostKey: InjectionKey<Host<PublicCommands>> = Symbol('public');
