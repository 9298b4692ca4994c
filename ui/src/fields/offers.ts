import { inject, provide, type ComputedRef, type InjectionKey } from 'vue';

/** Something already known that an empty field could hold; nothing is filled before somebody takes it. */
export interface Offer {
  text: string;
  value: unknown;
}

const key: InjectionKey<ComputedRef<Map<string, Offer>>> = Symbol('offers');

export function provideOffers(offers: ComputedRef<Map<string, Offer>>): void {
  provide(key, offers);
}

export const useOffers = (): ComputedRef<Map<string, Offer>> | null => inject(key, null);
