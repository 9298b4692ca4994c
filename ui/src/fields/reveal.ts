import { inject, provide, ref, type InjectionKey, type Ref } from 'vue';

/** A place that somebody wants to see; what folds or turns pages opens it. */
export interface Reveal {
  path: Ref<string>;
  /** Counts, so that the same place can be asked for again. */
  turn: Ref<number>;
}

const key: InjectionKey<Reveal> = Symbol('reveal');

export function provideReveal(): (path: string) => void {
  const reveal: Reveal = { path: ref(''), turn: ref(0) };
  provide(key, reveal);
  return (path) => {
    reveal.path.value = path;
    reveal.turn.value += 1;
  };
}

export const useReveal = (): Reveal | null => inject(key, null);
